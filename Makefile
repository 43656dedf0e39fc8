# The commands of this site; `make` lists them. They need make, git and Python 3.11 or later with venv.
# A setting is given behind the command:  make html OUTPUTDIR=/srv/www  make test PYTESTOPTS='-k faq'

INPUTDIR = content
OUTPUTDIR = output
CONFFILE = pelicanconf.py
PUBLISHCONF = publishconf.py
PELICANOPTS =
BENCHOPTS =
PYTESTOPTS = -n auto --maxprocesses 4 --dist loadfile

# Runs Python with what the named locks hold, and installs that only where it is not there yet.
PY = sh tools/python.sh requirements.txt
COMMENTS = requirements-comments.txt
TESTS = requirements-comments.txt requirements-test.txt
# New locks are written here, and replace the old ones when all are there.
NEW = .cache/lock
COMPILE = $(PY) $(TESTS) -- -m uv pip compile --quiet --output-file

# The articles are UTF-8 on Windows too.
export PYTHONUTF8 = 1
# They reach `make new` as they were typed, dollar signs and all.
override TITLE := $(value TITLE)
override SLUG := $(value SLUG)
export TITLE SLUG

.PHONY: help html serve check new drafts test audit bench soak publish replies lock clean

help: ## list these commands
	@echo "Usage: make COMMAND"
	@sed -n 's/^\([a-z]*\):.*## /  \1	/p' Makefile | expand -t 14

html: ## build a preview of the site in output/
	@$(PY) -- -m tools.build "$(INPUTDIR)" -o "$(OUTPUTDIR)" -s "$(CONFFILE)" $(PELICANOPTS)

serve: ## show the site at http://localhost:8000, anew whenever a file is saved
	@exec $(PY) $(COMMENTS) -- -m tools.serve "$(INPUTDIR)" -s "$(CONFFILE)"

check: ## list every error in the content, with its file, line and fix
	@$(PY) -- -m tools.check "$(INPUTDIR)" -s "$(CONFFILE)"

new: ## start an article: make new TITLE="Walking with back pain"
	@$(if $(filter-out new,$(MAKECMDGOALS)),$(error put the title in quotes: make new TITLE="Walking with back pain"))$(PY) -- -m tools.new -s "$(CONFFILE)"

drafts: ## list drafts and scheduled articles
	@$(PY) -- -m tools.drafts "$(INPUTDIR)" -s "$(CONFFILE)"

test: ## run all the tests, in a browser that it gets if there is none
	@CHROMIUM="$$($(PY) $(TESTS) -- -m tests.chromium)" && export CHROMIUM && \
	  $(PY) $(TESTS) -- -m pytest $(PYTESTOPTS)

audit: ## let independent checkers look at the published site (needs Java and Node.js)
	@$(PY) $(TESTS) -- -m tests.audit

bench: ## measure how building grows with the number of articles, beside stock Pelican and Hugo
	@$(PY) -- -m tests.bench $(BENCHOPTS)

soak: ## edit a site a thousand times, publish 200 random ones, read 2000 texts, load and kill a comment server
	@STEPS=1000 SITES=200 DOCUMENTS=2000 $(PY) $(TESTS) -- -m pytest -q tests/test_random_*.py
	@$(PY) $(TESTS) -- -m tests.soak

publish: ## build the site for its public address: make publish SITEURL=https://…
	@test -n "$(SITEURL)" || { \
	  echo "Where will the site be? Type its address too:  make publish SITEURL=https://www.example.org" >&2; \
	  exit 2; }
	@SITEURL="$(SITEURL)" $(PY) -- -m tools.publish "$(INPUTDIR)" -o "$(OUTPUTDIR)" -s "$(PUBLISHCONF)" $(PELICANOPTS) $(if $(FOR),--for $(FOR))

replies: ## fetch the approved replies, to build them into the pages
	@$(PY) -- -m tools.replies $(REPLIESOPTS)

lock: ## update the locks to the newest versions that pyproject.toml allows
	@rm -rf $(NEW) && mkdir -p $(NEW)
	@$(COMPILE) $(NEW)/requirements.txt --group runtime
	@$(COMPILE) $(NEW)/requirements-test.txt --group test -c $(NEW)/requirements.txt
	@$(COMPILE) $(NEW)/requirements-comments.txt --group comments -c $(NEW)/requirements.txt -c $(NEW)/requirements-test.txt
	@for lock in $(NEW)/*.txt; do echo "--only-binary :all:" >>"$$lock"; done
	@echo "--no-binary isso" >>$(NEW)/requirements-comments.txt
	@mv $(NEW)/*.txt .

clean: ## remove what was built; the installed packages stay in .venv
	rm -rf "$(OUTPUTDIR)" .cache .pytest_cache .ruff_cache
