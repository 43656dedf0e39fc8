"""What to read next."""

from types import SimpleNamespace

from plugins.neighbours import NEAREST, Neighbours


def article(*tags):
    return SimpleNamespace(tags=[SimpleNamespace(slug=tag) for tag in tags])


def test_newer_and_older_go_by_the_order_of_the_list():
    newest, middle, oldest = articles = [article(), article(), article()]
    near = Neighbours(articles)
    assert (near.newer(newest), near.older(newest)) == (None, middle)
    assert (near.newer(middle), near.older(middle)) == (newest, oldest)
    assert (near.newer(oldest), near.older(oldest)) == (middle, None)


def test_those_that_share_more_tags_come_first_and_then_the_newer_ones():
    first, second, third, apart = articles = [
        article("walking"),
        article("walking", "sciatica"),
        article("walking", "sciatica"),
        article("sleep"),
    ]
    near = Neighbours(articles)
    assert near.related(third) == [second, first]
    assert near.related(first) == [second, third]
    assert near.related(apart) == []
    assert near.related(third, most=1) == [second]


def test_an_article_outside_the_list_has_no_neighbours():
    near, draft = Neighbours([article("walking")]), article("walking")
    assert (near.newer(draft), near.older(draft), near.related(draft)) == (None, None, [])


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
    near.related(articles[500])
    assert max(len(found) for found in looked if isinstance(found, list)) <= 2 * NEAREST + 1
