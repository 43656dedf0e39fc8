"""What to read next."""

from types import SimpleNamespace

from plugins.neighbours import NEAREST, Neighbours


def article(*tags):
    return SimpleNamespace(tags=[SimpleNamespace(slug=tag) for tag in tags])


def test_newer_and_older_go_by_the_order_of_the_list():
    newest, middle, oldest = articles = [article(), article(), article()]
    near = Neighbours(articles)
    assert near.of(newest) == (None, middle, [])
    assert near.of(middle) == (newest, oldest, [])
    assert near.of(oldest) == (middle, None, [])


def test_those_that_share_more_tags_come_first_and_then_the_newer_ones():
    first, second, third, apart = articles = [
        article("walking"),
        article("walking", "sciatica"),
        article("walking", "sciatica"),
        article("sleep"),
    ]
    near = Neighbours(articles)
    assert near.of(third)[-1] == [second, first]
    assert near.of(first)[-1] == [second, third]
    assert near.of(apart)[-1] == []
    assert near.of(third, most=1)[-1] == [second]


def test_an_article_outside_the_list_has_no_neighbours():
    near, draft = Neighbours([article("walking")]), article("walking")
    assert near.of(draft) == (None, None, [])


def test_a_popular_tag_does_not_make_every_article_look_at_every_other():
    looked = []

    class Watched(list):
        def __getitem__(self, key):
            found = super().__getitem__(key)
            looked.append(found)
            return found

    articles = [article("popular") for _ in range(1000)]
    near = Neighbours(articles)
    near.tagged["popular"] = Watched(near.tagged["popular"])
    near.of(articles[500])
    assert max(len(found) for found in looked if isinstance(found, list)) <= 2 * NEAREST + 1
