"""Things that people send to a form when they want to run a script in somebody else's page."""

RUN = "window.ran=1"
SCHEMES = (
    *(
        "javascript:",
        "JaVaScRiPt:",
        "javascript&colon;",
        "java\tscript:",
        "java\nscript:",
        " javascript:",
    ),
    *(
        "vbscript:",
        "data:text/html,",
        "data:text/html;base64,",
        "blob:",
        "file:///",
        "\x01javascript:",
    ),
)
LINKS = (
    "[a]({})",
    "[a](<{}>)",
    "<{}>",
    '<a href="{}">a</a>',
    "[a]: {}\n\n[a]",
    '<form action="{}"><button>a</button></form>',
)
TAGS = (
    "img src=x",
    "svg",
    "body",
    "details open",
    "video src=x",
    "input autofocus",
    "b style=color:red",
)
EVENTS = ("onerror", "onload", "onfocus", "ontoggle", "onmouseover", "onclick", "onanimationstart")
PIECES = (
    f"<script>{RUN}</script>",
    f"<ScRiPt src=data:,{RUN}></ScRiPt>",
    f"<svg><script>{RUN}</script></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<textarea></textarea><img src=x onerror={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src=javascript:{RUN}></iframe>",
    f"<object data=javascript:{RUN}></object>",
    f"<embed src=javascript:{RUN}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';</style>",
    f"<template><script>{RUN}</script></template>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[><img src=x onerror={RUN}>]]>",
    f'`"><img src=x onerror={RUN}>`',
    f"```\n</code></pre><img src=x onerror={RUN}>\n```",
    f'![x](x"onerror="{RUN})',
    f'[x](https://a.example/" onmouseover="{RUN})',
    f"# </h1><img src=x onerror={RUN}>",
    f"| a |\n|---|\n| <img src=x onerror={RUN}> |",
    f"&lt;img src=x onerror={RUN}&gt;",
    f"<<b>script>{RUN}<</b>/script>",
    f"<img src=x onerror\x00={RUN}>",
    f"<a href=https://a.example/ ping=javascript:{RUN} target=_top>a</a>",
    f"<dialog open><form method=dialog onsubmit={RUN}><button>a</button></form></dialog>",
    f"<xss style=animation-name:x onanimationstart={RUN} tabindex=1>a</xss>",
    "{{constructor.constructor('window.ran=1')()}}",
    f"<p id=isso-root>x</p><form id=reply><input name=text></form><img onerror={RUN} src=x>",
)
TEXTS = [
    *PIECES,
    *(link.format(scheme + RUN) for scheme in SCHEMES for link in LINKS),
    *(f"<{tag} {event}={RUN}>" for tag in TAGS for event in EVENTS),
]
NAMES = [
    f"<script>{RUN}</script>",
    f"'\"><img src=x onerror={RUN}>",
    f"' autofocus onfocus='{RUN}",
    "Anna O'Brien",
    "&lt;b&gt;",
]
WEBSITES = [f"{scheme}{RUN}" for scheme in SCHEMES] + [
    f"https://a.example/' onmouseover='{RUN}",
    f'https://a.example/"onclick="{RUN}',
    "//a.example",
    "https://a.example/<script>",
]

# Told by a page about what it shows: whatever could act, by itself or when it is touched.
DANGERS = """root => [...root.querySelectorAll('*')].flatMap(element => [
  ...(/^(script|style|iframe|object|embed|base|link|meta|svg|math|img|video|template)$/i
    .test(element.tagName) ? [element.outerHTML] : []),
  ...[...element.attributes]
    .filter(({ name, value }) => /^(on|style|src|action|srcdoc|formaction)/i.test(name)
      || (name === 'href' && !/^(https?|mailto):$/.test(element.protocol)))
    .map(({ name, value }) => `${element.tagName} ${name}=${value}`),
])"""
