package account

import (
	"testing"

	"kontor/calendar"
)

func TestMembershipsHaveDates(t *testing.T) {
	for _, row := range []struct {
		name, country, day string
		sepa, eea, euro    bool
	}{
		{"Germany", "DE", "2026-11-15", true, true, true},
		{"Sweden keeps the krona", "SE", "2026-11-15", true, true, false},
		{"Iceland is no member of the Union", "IS", "2026-11-15", true, true, false},
		{"Switzerland is outside the EEA", "CH", "2026-11-15", true, false, false},
		{"Monaco has the euro by agreement", "MC", "2026-11-15", true, false, true},
		{"Vatican", "VA", "2026-11-15", true, false, true},
		{"United Kingdom, last day", "GB", "2020-12-31", true, true, false},
		{"United Kingdom, since", "GB", "2021-01-01", true, false, false},
		{"Gibraltar, since", "GI", "2021-01-01", true, false, false},
		{"Albania, the day before", "AL", "2025-10-04", false, false, false},
		{"Albania, the first day", "AL", "2025-10-05", true, false, false},
		{"Moldova", "MD", "2025-10-05", true, false, false},
		{"Montenegro uses the euro without an agreement", "ME", "2025-10-05", true, false, false},
		{"North Macedonia", "MK", "2025-10-05", true, false, false},
		{"Serbia, the day before", "RS", "2026-05-04", false, false, false},
		{"Serbia, the first day", "RS", "2026-05-05", true, false, false},
		{"Andorra, the day before", "AD", "2019-02-28", false, false, true},
		{"Andorra, the first day", "AD", "2019-03-01", true, false, true},
		{"Bulgaria, the day before the euro", "BG", "2025-12-31", true, true, false},
		{"Bulgaria, the first day of the euro", "BG", "2026-01-01", true, true, true},
		{"Croatia, the first day of the euro", "HR", "2023-01-01", true, true, true},
		{"Réunion takes part as FR", "RE", "2026-11-15", false, true, true},
		{"Åland takes part as FI", "AX", "2026-11-15", false, true, true},
		{"Faroe Islands", "FO", "2026-11-15", false, false, false},
		{"Greenland", "GL", "2026-11-15", false, false, false},
		{"Kosovo", "XK", "2026-11-15", false, false, false},
		{"Bosnia and Herzegovina", "BA", "2026-11-15", false, false, false},
		{"Turkey", "TR", "2026-11-15", false, false, false},
		{"Ukraine", "UA", "2026-11-15", false, false, false},
		{"lower case", "de", "2026-11-15", false, false, false},
		{"too long", "DEU", "2026-11-15", false, false, false},
		{"empty", "", "2026-11-15", false, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			on, err := calendar.Parse(row.day)
			if err != nil {
				t.Fatal(err)
			}
			if got := SEPA(row.country, on); got != row.sepa {
				t.Errorf("SEPA %v", got)
			}
			if got := EEA([]byte(row.country), on); got != row.eea {
				t.Errorf("EEA %v", got)
			}
			if got := Euro(row.country, on); got != row.euro {
				t.Errorf("euro %v", got)
			}
			if i := IBAN(row.country + "00"); len(row.country) == 2 && (i.SEPA(on) != row.sepa || i.EEA(on) != row.eea) {
				t.Errorf("of an IBAN: %v %v", i.SEPA(on), i.EEA(on))
			}
		})
	}
}

// The lists count as the treaties do: 27 of the Union and three more; 21 with the euro
// and four by agreement.
func TestMembershipsAreComplete(t *testing.T) {
	inEEA, inEuro, known := 0, 0, 0
	for first := byte('A'); first <= 'Z'; first++ {
		for second := byte('A'); second <= 'Z'; second++ {
			code := string([]byte{first, second})
			if KnownCountry(code) {
				known++
			} else if SEPA(code, today) || EEA(code, today) || Euro(code, today) || layoutFor(code).length > 0 {
				t.Errorf("%s is no country, yet it belongs", code)
			}
			if layoutFor(code).length > 0 && !isTerritory(code) {
				if EEA(code, today) {
					inEEA++
				}
				if Euro(code, today) {
					inEuro++
				}
			}
		}
	}
	if inEEA != 30 || inEuro != 25 || known != 250 {
		t.Errorf("%d in the EEA, %d with the euro, %d countries; want 30, 25, 250", inEEA, inEuro, known)
	}
}

func isTerritory(code string) bool {
	switch code {
	case "AX", "BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT":
		return true
	}
	return false
}
