pytest_plugins = ["tests.browser_fixtures", "tests.site_fixtures"]
