"""Pure helpers at the bottom of the house: no models, no knowledge of the apps above."""
