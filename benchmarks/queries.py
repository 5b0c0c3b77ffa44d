"""How many queries an answer costs, at several sizes of the catalogue. `./dev bench push` runs this on its portal's database.

python -m benchmarks.queries RECIPE SIZE...      prints: SIZE QUERIES ADDRESS, a line each
"""

import sys

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 - models can be imported only after the set-up
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from recipes_app.formats.recipe import parse_recipe  # noqa: E402
from recipes_app.models import Recipe, Revision  # noqa: E402
from recipes_app.services.publishing.projection import project_current  # noqa: E402
from tests.factories import recipe_tree  # noqa: E402


def main(recipe: str, sizes: list[int]) -> None:
    """Fill the catalogue to each size and print the queries of each address."""
    addresses = [
        "/",
        "/recipes/",
        "/recipes/?q=greeting",
        f"/recipes/{recipe}/",
        f"/recipes/{recipe}/revisions/",
        "/api/v1/recipes/",
        "/api/v1/recipes/?q=greeting",
        f"/api/v1/recipes/{recipe}/",
        f"/api/v1/recipes/{recipe}/revisions/",
    ]
    for size in sizes:
        fill(size)
        for address in addresses:
            print(size, count(address), address)


def fill(size: int) -> None:
    """Add recipes until there are `size`: rows as publishing writes them, without repositories, which no list looks into."""
    with transaction.atomic():
        for number in range(Recipe.objects.count(), size):
            name = f"package-{number:05}"
            metadata = parse_recipe(recipe_tree(name)).metadata
            if metadata is None:
                raise RuntimeError("the factories' tree does not parse; run tests/formats")
            now = timezone.now()
            recipe = Recipe.objects.create(name=name, storage_name=name, submitter_name="bench", created_at=now, updated_at=now)
            recipe.current = Revision.objects.create(
                recipe=recipe, commit=f"{number:040x}", branch="main", version=metadata.version,
                pushed_at=now, pusher_name="bench", metadata=metadata.to_json(), findings=[],
            )  # fmt: skip
            recipe.save(update_fields=["current"])
            project_current(recipe)


def count(address: str) -> int:
    """Return the queries of one GET by a visitor. Raises RuntimeError where the answer is not 200."""
    # A fresh client: a visitor who comes for the first time, without a session.
    client = Client(headers={"accept": "application/json" if address.startswith("/api/") else "text/html"})
    with CaptureQueriesContext(connection) as context:
        response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return len(context)


if __name__ == "__main__":
    main(sys.argv[1], [int(size) for size in sys.argv[2:]])
