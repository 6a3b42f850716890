"""Words that agencies' files use for the kinds of agency, beside our own codes and labels."""

from partners.models import AgencyKind

_WORDS = {
    AgencyKind.COUNCIL: "county council, borough council, city council, local authority, LA, children’s services",
    AgencyKind.HEALTH: "NHS trust, health trust, foundation trust, hospital, ICB",
    AgencyKind.POLICE: "police force, constabulary",
    AgencyKind.SCHOOL: "schools, college, academy, school trust, academy trust, multi-academy trust, MAT, education",
    AgencyKind.EARLY_YEARS: "nursery, nurseries, childminder, preschool, early years provider, children’s centre",
    AgencyKind.VOLUNTARY: "charity, charities, voluntary sector, VCS, VCSE, community, third sector",
    AgencyKind.GP: "GPs, surgery, primary care",
    AgencyKind.HOUSING: "housing association, registered provider",
    AgencyKind.OTHER: "partner",
}
AGENCY_WORDS = tuple((word.strip(), kind.value) for kind, words in _WORDS.items() for word in words.split(","))
