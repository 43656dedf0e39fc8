"""The fixtures that any test may use."""

pytest_plugins = ["tests.browser_fixtures", "tests.comments_fixtures", "tests.site_fixtures"]
