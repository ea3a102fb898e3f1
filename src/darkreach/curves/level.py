"""Levels of confidence: the quantiles by which a limit moves to another one."""

from typing import Literal

from scipy.stats import norm

Method = Literal["CLs", "Gaussian", "Bayes", "none"]


def deviation(cl: float, method: Method, sigma: float = 0.0) -> float:
    """Upper limit over its standard error if the data fluctuate by `sigma` of them.

    `Gaussian`: max(sigma, 0) + z(cl), z one-sided: 1.645 at 95 % and 1.282 at 90 %.
    `CLs` (arXiv:1007.1727, eq. (89)) and `Bayes` (flat prior on positive signals) agree
    for a Gaussian: 1.960 and 1.645 at sigma = 0.
    """
    if method == "Gaussian":
        return float(norm.ppf(cl) + max(sigma, 0.0))
    return float(norm.ppf(1 - (1 - cl) * norm.cdf(sigma)) + sigma)
