"""What JAX compiles for one class must never serve another one."""

import jax

from darkreach.pytree import pytree


@pytree
class Square:
    """A traced and a static field."""

    x: float = 3.0
    name: str = "shape"

    def area(self):
        return self.x**2


@pytree
class Triangle(Square):
    """The same fields."""

    def area(self):
        return self.x**2 / 2


def test_structures_of_two_classes_differ():
    """Equal ones, with hashes that happen to meet, gave results of the other class."""
    one, other = jax.tree.structure(Square()), jax.tree.structure(Triangle())
    assert one != other
    area = jax.jit(lambda shape: shape.area())
    assert (float(area(Square())), float(area(Triangle()))) == (9.0, 4.5)


def test_round_trip_and_names_of_leaves():
    made = Square(x=2.0, name="tile")
    leaves, structure = jax.tree.flatten(made)
    assert leaves == [2.0]
    assert jax.tree.unflatten(structure, leaves) == made
    assert structure != jax.tree.structure(Square(x=2.0, name="floor"))
    ((path, _),) = jax.tree_util.tree_leaves_with_path(made)
    assert jax.tree_util.keystr(path) == ".x"
