"""Settings of the site, as a preview on your own machine. publishconf.py holds what differs."""

from pathlib import Path

from jinja2 import StrictUndefined

ROOT = Path(__file__).parent

# -- The owner: change these to make the site yours ------------------------------------------------

SITENAME = "Back in Plain Words"
SITESUBTITLE = "Plain answers about back pain"
SITE_DESCRIPTION = (
    "Articles about back pain and sciatica that name their sources, say how sure they are, "
    "and tell you when to see a doctor instead of reading on."
)
PUBLISHER = {
    "name": "Example Health Press",
    "email": "editors@example.org",
    "address": "1 Example Street, Springfield, USA",
}
# Who takes the replies: "isso" (a server of your own) or "none". Isso needs the address of its
# server as "endpoint"; without one, a preview uses a local Isso and a published page says that
# replies are not open yet.
COMMENTS = {"provider": "isso", "endpoint": ""}

# -- Site ------------------------------------------------------------------------------------------

SITEURL = "http://localhost:8000"
RELATIVE_URLS = True  # so that a preview works from any address
PUBLISHING = False
TIMEZONE = "UTC"
DEFAULT_LANG = "en-US"

# -- Content ---------------------------------------------------------------------------------------

PATH = "content"
ARTICLE_PATHS = ["articles"]
PAGE_PATHS = ["pages"]
STATIC_PATHS = ["images", "extra"]
# Published as they are; of other folders a published site has only what a published text uses.
AS_IS_PATHS = ["extra"]
DEFAULT_CATEGORY = "Articles"
USE_FOLDER_AS_CATEGORY = False
ARTICLE_TRANSLATION_ID = PAGE_TRANSLATION_ID = ""  # plugins/translations.py groups them
DEFAULT_METADATA = {"status": "published"}
FORMATTED_FIELDS = ["summary", "emergency"]
# Editors leave files behind that nobody means to publish.
IGNORE_FILES = [".*", "*~", "#*#", "__pycache__"]
READERS = {"html": None, "rst": None}
SUMMARY_MAX_LENGTH = None
MARKDOWN = {
    "extensions": [
        "markdown.extensions.abbr",
        "markdown.extensions.admonition",
        "markdown.extensions.attr_list",
        "markdown.extensions.def_list",
        "markdown.extensions.footnotes",
        "markdown.extensions.md_in_html",
        "markdown.extensions.meta",
        "markdown.extensions.tables",
        "markdown.extensions.toc",
        "plugins.tokens:TokensExtension",
        "plugins.blocks:BlocksExtension",
        "plugins.faq:FaqExtension",
        "plugins.markup:MarkupExtension",
        "plugins.images:FigureExtension",
    ],
    "extension_configs": {
        # Sources are numbered as the reader meets them.
        "markdown.extensions.footnotes": {"USE_DEFINITION_ORDER": False},
        "plugins.tokens:TokensExtension": {
            "values": {
                "SITENAME": SITENAME,
                "PUBLISHER": PUBLISHER["name"],
                "PUBLISHER_EMAIL": PUBLISHER["email"],
                "PUBLISHER_ADDRESS": PUBLISHER["address"],
                "COMMENTS_RETENTION": "30 days",
            }
        },
    },
    "output_format": "html5",
}

# What a build has worked out is kept here for the next; LOAD_CONTENT_CACHE = False, on the command
# line `--ignore-cache`, works all out anew.
CACHE_PATH = ".cache"
LOAD_CONTENT_CACHE = True

# -- Addresses: an empty SAVE_AS means that no such page is published ------------------------------

ARTICLE_URL = PAGE_URL = "{slug}/"
ARTICLE_SAVE_AS = PAGE_SAVE_AS = "{slug}/index.html"
ARTICLE_LANG_URL = PAGE_LANG_URL = "{lang}/{slug}/"
ARTICLE_LANG_SAVE_AS = PAGE_LANG_SAVE_AS = "{lang}/{slug}/index.html"
DRAFT_URL = DRAFT_PAGE_URL = "drafts/{slug}/"
DRAFT_SAVE_AS = DRAFT_PAGE_SAVE_AS = "drafts/{slug}/index.html"
DRAFT_LANG_URL = DRAFT_PAGE_LANG_URL = "drafts/{lang}/{slug}/"
DRAFT_LANG_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = "drafts/{lang}/{slug}/index.html"
CATEGORY_URL = "category/{slug}/"
CATEGORY_SAVE_AS = "category/{slug}/index.html"
TAG_URL = "tag/{slug}/"
TAG_SAVE_AS = "tag/{slug}/index.html"
AUTHOR_SAVE_AS = ""
AUTHORS_SAVE_AS = CATEGORIES_SAVE_AS = TAGS_SAVE_AS = ""
DIRECT_TEMPLATES = ["index", "topics", "archives", "404", "robots"]
TOPICS_SAVE_AS = "topics/index.html"
ARCHIVES_SAVE_AS = "archive/index.html"
ROBOTS_SAVE_AS = "robots.txt"
TEMPLATE_EXTENSIONS = [".html", ".txt"]
DEFAULT_PAGINATION = 10
PAGINATED_TEMPLATES = {"index": None, "category": None, "tag": None}
PAGINATION_PATTERNS = (
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
)
FEED_ATOM = "feed.xml"  # without translations, which are the same articles again
FEED_ALL_ATOM = FEED_RSS = FEED_ALL_RSS = CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = TAG_FEED_ATOM = TAG_FEED_RSS = None
TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None

# -- Theme -----------------------------------------------------------------------------------------

THEME = str(ROOT / "theme")
JINJA_ENVIRONMENT = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
}

# -- Plugins ---------------------------------------------------------------------------------------

PLUGINS = [
    "plugins.cache.store",
    # These read and check the words, before the others write anything.
    "plugins.schedule",
    "plugins.reader",
    "plugins.check",
    # These make pages of them.
    "plugins.cache.writer",
    "sitemap",
    "plugins.sitemap_repair",
    "plugins.feed",
    "plugins.template_names",
    "plugins.static_files",
    "plugins.images",
    "plugins.share_images",
    "plugins.translations",
    "plugins.neighbours",
    "plugins.archive",
    "plugins.replies",
    "plugins.assets",
    "plugins.aliases",
]
SITEMAP = {"exclude": [r"^404\.html$", r"^robots\.txt$", r"^drafts/", r"(^|/)page/\d+/"]}
