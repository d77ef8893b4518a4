"""Which published curves there are: files of the raw releases, names, and what they state."""

from __future__ import annotations

from typing import NamedTuple

#: The process whose rate depends on the charges of neutrinos and electrons alone.
NEUTRINO_ELECTRON = "neutrino-electron scattering"


class Model(NamedTuple):
    """A model as DarkCast has it: its folder, and its name here."""

    folder: str
    name: str


RECAST_MODELS = (
    Model("B-L_boson", "b-l"),
    Model("Lmu-Ltau_boson", "l_mu-l_tau"),
    Model("B_boson", "b-boson"),
    Model("dark_photon", "hidden-photon"),
)


class Search(NamedTuple):
    """A curve of DarkCast: its file, its name and title, and the confidence that it states."""

    file: str
    name: str
    title: str
    statement: str = ""
    is_neutrino_electron: bool = False


class Star(NamedTuple):
    """A curve of AxionLimits, published for its own model."""

    file: str
    columns: tuple[str, str]
    name: str
    title: str
    model: str
    key: str
    arxiv: str

    def row(self) -> tuple[str, ...]:
        """Return the row of the table of curves."""
        name = f"{self.model}.{self.name}"
        return (name, self.title, self.model, "", self.model, "", self.key, self.arxiv, "", "MIT")


#: All of the release but preferred bands (AMMmu_..._2l and _2u), and A1 2011, NA64 2016 and 2017,
#: LHCb 2017, NA64 visible 2018, which the same collaboration has replaced.
SEARCHES = (
    Search("A1_Merkel2014avp", "a1_2014", "A1"),
    Search("AMMe_Bodas2021fsy_cs", "electron_moment_cs", "(g-2)e Cs", "3 sigma"),
    Search("AMMe_Bodas2021fsy_rb", "electron_moment_rb", "(g-2)e Rb", "3 sigma"),
    Search("AMMmu_Bodas2021fsy", "muon_moment", "(g-2)mu", "5 sigma"),
    Search("APEX_Abrahamyan2011gv", "apex_2011", "APEX"),
    Search("BESIII_Ablikim2017aab", "besiii_2017", "BESIII"),
    Search("BaBar_Lees2014xha", "babar_2014", "BaBar"),
    Search("BaBar_Lees2017lec", "babar_invisible_2017", "BaBar invisible"),
    Search("BaBar_TheBABAR2016rlg", "babar_muons_2016", "BaBar 4mu"),
    Search("BelleII_Adachi2019otg", "belle_ii_2019", "Belle II"),
    Search("Borexino_Bauer2018onh", "borexino_2018", "Borexino", "", True),
    Search("CHARMII_Bauer2018onh", "charm_ii_2018", "CHARM-II", "", True),
    Search("CHARM_Bergsma1985qz", "charm_1985", "CHARM"),
    Search("CHARM_Tsai2019mtm", "charm_2019", "CHARM (2019)"),
    Search("CMS_CMS2019kiy", "cms_2019", "CMS"),
    Search("E137_Andreas2012mt", "e137_2012", "E137 (2012)"),
    Search("E137_Bjorken2009mm", "e137_2009", "E137"),
    Search("E141_Riordan1987aw", "e141_1987", "E141"),
    Search("E774_Bross1989mp", "e774_1989", "E774"),
    Search("FASER_Petersen2023hgm", "faser_2023", "FASER"),
    Search("HPS_Adrian2018scb", "hps_2018", "HPS"),
    Search("KEK_Konaka1986cb", "kek_1986", "KEK"),
    Search("KLOE_Anastasi2015qla", "kloe_electrons_2015", "KLOE ee"),
    Search("KLOE_Anastasi2016ktq", "kloe_pions_2016", "KLOE pipi"),
    Search("KLOE_Anastasi2018azp_combined", "kloe_2018", "KLOE"),
    Search("KLOE_Anastasi2018azp_mumu", "kloe_muons_2018", "KLOE mumu"),
    Search("KLOE_Babusci2012cr", "kloe_2012", "KLOE phi"),
    Search("KLOE_Babusci2014sta", "kloe_muons_2014", "KLOE mumu (2014)"),
    Search("LEP_Fox2011fx", "lep_2011", "LEP"),
    Search("LHCb_Aaij2019bvg_displaced", "lhcb_displaced_2019", "LHCb displaced"),
    Search("LHCb_Aaij2019bvg_prompt", "lhcb_2019", "LHCb"),
    Search("NA48_Batley2015lha", "na48_2015", "NA48/2"),
    Search("NA62_CortinaGil2019nuo", "na62_2019", "NA62"),
    Search("NA62_Dobrich2023dkm", "na62_dump_2023", "NA62 dump"),
    Search("NA64_Banerjee2019hmi", "na64_visible_2019", "NA64 visible"),
    Search("NA64_NA642019imj", "na64_2019", "NA64"),
    Search("NOMAD_Astier2001ck", "nomad_2001", "NOMAD"),
    Search("NuCAL_Blumlein1990ay", "nucal_1990", "nuCal pi0"),
    Search("NuCAL_Blumlein1991xh", "nucal_1991", "nuCal"),
    Search("NuCAL_Tsai2019mtm", "nucal_2019", "nuCal (2019)"),
    Search("Orsay_Davier1989wz", "orsay_1989", "Orsay"),
    Search("PS191_Bernardi1985ny", "ps191_1985", "PS191"),
    Search("Texono_Bauer2018onh", "texono_2018", "TEXONO", "", True),
)

_GBL = ("m_eV", "g_BL")

STELLAR = (
    Star("VectorB-L_Sun.csv", _GBL, "sun_2023", "Sun", "b-l", "", "2304.12907"),
    Star("VectorB-L_RedGiant.csv", _GBL, "red_giants_2023", "red giants", "b-l", "", "2304.12907"),
    Star(
        "VectorB-L_HorizontalBranch.csv",
        _GBL,
        "horizontal_branch_2023",
        "horizontal branch",
        "b-l",
        "",
        "2304.12907",
    ),
    Star(
        "ScalarNucleon_WhiteDwarfs.csv",
        ("m_eV", "g_N"),
        "white_dwarfs_2023",
        "white dwarfs",
        "scalar-nucleon",
        "",
        "2303.00778",
    ),
)
