"""Cosmology: degrees of freedom, freeze-in through lepton decays, warm dark matter."""
