package account

// country is what the registry says about the account numbers of one country.
type country struct {
	code   string // ISO 3166-1 alpha-2
	bban   string // what follows country and check digits: runs of count and class: n digits, a upper-case letters, c either
	bank   span   // where the bank code lies in the BBAN
	branch span   // where the branch code lies in the BBAN, empty if there is none
}

// span is a part of a BBAN: from (counted from 0) up to but not including to.
type span struct{ from, to uint8 }

// registry lists the countries whose account numbers follow ISO 13616: those that have
// registered their structure with the registration authority. Countries and territories
// that use another country's prefix (Guernsey: GB) are absent unless collections of the
// registry list their prefix too (Guadeloupe, Åland).
//
// Countries whose banks print numbers in the form of an IBAN without having registered
// them are absent on purpose: AO, BF, BJ, CF, CG, CI, CM, CV, DZ, GA, GQ, GW, IR, KM, MA,
// MG, ML, MZ, NE, SN, TD, TG. Nobody vouches for their structure, collections differ
// whether they exist, and no SEPA scheme reaches them: they are faults of the kind country.
//
// A bank code is the part that a country's directory of banks is sorted by; where the
// registry knows only one code for bank and branch (Poland), it is that one.
var registry = []country{
	{code: "AD", bban: "8n12c", bank: span{0, 4}, branch: span{4, 8}},
	{code: "AE", bban: "19n", bank: span{0, 3}},
	{code: "AL", bban: "8n16c", bank: span{0, 3}, branch: span{3, 7}},
	{code: "AT", bban: "16n", bank: span{0, 5}},
	{code: "AX", bban: "14n", bank: span{0, 3}},
	{code: "AZ", bban: "4a20c", bank: span{0, 4}},
	{code: "BA", bban: "16n", bank: span{0, 3}, branch: span{3, 6}},
	{code: "BE", bban: "12n", bank: span{0, 3}},
	{code: "BG", bban: "4a6n8c", bank: span{0, 4}, branch: span{4, 8}},
	{code: "BH", bban: "4a14c", bank: span{0, 4}},
	{code: "BI", bban: "23n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "BL", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "BR", bban: "23n1a1c", bank: span{0, 8}, branch: span{8, 13}},
	{code: "BY", bban: "4c4n16c", bank: span{0, 4}},
	{code: "CH", bban: "5n12c", bank: span{0, 5}},
	{code: "CR", bban: "18n", bank: span{0, 4}},
	{code: "CY", bban: "8n16c", bank: span{0, 3}, branch: span{3, 8}},
	{code: "CZ", bban: "20n", bank: span{0, 4}},
	{code: "DE", bban: "18n", bank: span{0, 8}},
	{code: "DJ", bban: "23n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "DK", bban: "14n", bank: span{0, 4}},
	{code: "DO", bban: "4c20n", bank: span{0, 4}},
	{code: "EE", bban: "16n", bank: span{0, 2}},
	{code: "EG", bban: "25n", bank: span{0, 4}, branch: span{4, 8}},
	{code: "ES", bban: "20n", bank: span{0, 4}, branch: span{4, 8}},
	{code: "FI", bban: "14n", bank: span{0, 3}},
	{code: "FK", bban: "2a12n", bank: span{0, 2}},
	{code: "FO", bban: "14n", bank: span{0, 4}},
	{code: "FR", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "GB", bban: "4a14n", bank: span{0, 4}, branch: span{4, 10}},
	{code: "GE", bban: "2a16n", bank: span{0, 2}},
	{code: "GF", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "GI", bban: "4a15c", bank: span{0, 4}},
	{code: "GL", bban: "14n", bank: span{0, 4}},
	{code: "GP", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "GR", bban: "7n16c", bank: span{0, 3}, branch: span{3, 7}},
	{code: "GT", bban: "24c", bank: span{0, 4}},
	{code: "HN", bban: "4a20n", bank: span{0, 4}},
	{code: "HR", bban: "17n", bank: span{0, 7}},
	{code: "HU", bban: "24n", bank: span{0, 3}, branch: span{3, 7}},
	{code: "IE", bban: "4a14n", bank: span{0, 4}, branch: span{4, 10}},
	{code: "IL", bban: "19n", bank: span{0, 3}, branch: span{3, 6}},
	{code: "IQ", bban: "4a15n", bank: span{0, 4}, branch: span{4, 7}},
	{code: "IS", bban: "22n", bank: span{0, 2}, branch: span{2, 4}},
	{code: "IT", bban: "1a10n12c", bank: span{1, 6}, branch: span{6, 11}},
	{code: "JO", bban: "4a4n18c", bank: span{0, 4}, branch: span{4, 8}},
	{code: "KW", bban: "4a22c", bank: span{0, 4}},
	{code: "KZ", bban: "3n13c", bank: span{0, 3}},
	{code: "LB", bban: "4n20c", bank: span{0, 4}},
	{code: "LC", bban: "4a24c", bank: span{0, 4}},
	{code: "LI", bban: "5n12c", bank: span{0, 5}},
	{code: "LT", bban: "16n", bank: span{0, 5}},
	{code: "LU", bban: "3n13c", bank: span{0, 3}},
	{code: "LV", bban: "4a13c", bank: span{0, 4}},
	{code: "LY", bban: "21n", bank: span{0, 3}, branch: span{3, 6}},
	{code: "MC", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "MD", bban: "20c", bank: span{0, 2}},
	{code: "ME", bban: "18n", bank: span{0, 3}},
	{code: "MF", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "MK", bban: "3n10c2n", bank: span{0, 3}},
	{code: "MN", bban: "16n", bank: span{0, 4}},
	{code: "MQ", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "MR", bban: "23n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "MT", bban: "4a5n18c", bank: span{0, 4}, branch: span{4, 9}},
	{code: "MU", bban: "4a19n3a", bank: span{0, 6}, branch: span{6, 8}},
	{code: "NC", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "NI", bban: "4a20n", bank: span{0, 4}},
	{code: "NL", bban: "4a10n", bank: span{0, 4}},
	{code: "NO", bban: "11n", bank: span{0, 4}},
	{code: "OM", bban: "3n16c", bank: span{0, 3}},
	{code: "PF", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "PK", bban: "4a16c", bank: span{0, 4}},
	{code: "PL", bban: "24n", bank: span{0, 8}},
	{code: "PM", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "PS", bban: "4a21c", bank: span{0, 4}},
	{code: "PT", bban: "21n", bank: span{0, 4}, branch: span{4, 8}},
	{code: "QA", bban: "4a21c", bank: span{0, 4}},
	{code: "RE", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "RO", bban: "4a16c", bank: span{0, 4}},
	{code: "RS", bban: "18n", bank: span{0, 3}},
	{code: "RU", bban: "14n15c", bank: span{0, 9}, branch: span{9, 14}},
	{code: "SA", bban: "2n18c", bank: span{0, 2}},
	{code: "SC", bban: "4a20n3a", bank: span{0, 6}, branch: span{6, 8}},
	{code: "SD", bban: "14n", bank: span{0, 2}},
	{code: "SE", bban: "20n", bank: span{0, 3}},
	{code: "SI", bban: "15n", bank: span{0, 5}},
	{code: "SK", bban: "20n", bank: span{0, 4}},
	{code: "SM", bban: "1a10n12c", bank: span{1, 6}, branch: span{6, 11}},
	{code: "SO", bban: "19n", bank: span{0, 4}, branch: span{4, 7}},
	{code: "ST", bban: "21n", bank: span{0, 4}, branch: span{4, 8}},
	{code: "SV", bban: "4a20n", bank: span{0, 4}},
	{code: "TF", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "TL", bban: "19n", bank: span{0, 3}},
	{code: "TN", bban: "20n", bank: span{0, 2}, branch: span{2, 5}},
	{code: "TR", bban: "6n16c", bank: span{0, 5}},
	{code: "UA", bban: "6n19c", bank: span{0, 6}},
	{code: "VA", bban: "18n", bank: span{0, 3}},
	{code: "VG", bban: "4a16n", bank: span{0, 4}},
	{code: "WF", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
	{code: "XK", bban: "16n", bank: span{0, 2}, branch: span{2, 4}},
	{code: "YE", bban: "4a4n18c", bank: span{0, 4}, branch: span{4, 8}},
	{code: "YT", bban: "10n11c2n", bank: span{0, 5}, branch: span{5, 10}},
}

// layout is a country's structure made ready for CheckIBAN.
type layout struct {
	length       int      // of the whole IBAN, 0 for no country
	want         [30]byte // per position of the BBAN: which classes are allowed
	numeric      bool     // digits only
	bank, branch span
}

// The classes of characters of a BBAN, as bits.
const (
	digit  = 1
	letter = 2
)

// layouts has a layout for each entry of the registry behind an empty one at 0;
// layoutOf says which one belongs to a country, by its place.
var layouts, layoutOf = func() (all []layout, of [26 * 26]uint8) {
	all = make([]layout, 1, len(registry)+1)
	for _, c := range registry {
		of[place(c.code[0], c.code[1])] = uint8(len(all))
		all = append(all, c.layout())
	}
	return all, of
}()

// layout spells the structure out, position by position.
func (c country) layout() layout {
	l := layout{length: 4, numeric: true, bank: c.bank, branch: c.branch}
	n := 0
	for i := range len(c.bban) {
		kind := c.bban[i]
		if kind >= '0' && kind <= '9' {
			n = n*10 + int(kind-'0')
			continue
		}
		want := byte(digit)
		switch kind {
		case 'a':
			want = letter
		case 'c':
			want = digit | letter
		}
		l.numeric = l.numeric && want == digit
		for ; n > 0; n-- {
			l.want[l.length-4] = want
			l.length++
		}
	}
	return l
}

// chars is what a number may come in: text of ours, or a piece of a document that is
// not copied.
type chars interface{ ~string | ~[]byte }

// place returns where the country of two upper-case letters lies in a table of all pairs
// of letters, -1 for other characters.
func place(first, second byte) int {
	first, second = first-'A', second-'A'
	if first >= 26 || second >= 26 {
		return -1
	}
	return int(first)*26 + int(second)
}

// placeOf is place for a country code; -1 also for a text that is not two letters.
func placeOf[T chars](country T) int {
	if len(country) != 2 {
		return -1
	}
	return place(country[0], country[1])
}

// layoutFor returns the layout of the country with which a number begins, that of length
// 0 if there is none.
func layoutFor[T chars](number T) *layout {
	if len(number) < 2 {
		return &layouts[0]
	}
	at := place(number[0], number[1])
	if at < 0 {
		return &layouts[0]
	}
	return &layouts[layoutOf[at]]
}
