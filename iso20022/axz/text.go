package axz

import (
	"regexp"
	"strings"
)

// transcribe replaces what payments abroad cannot carry, and reports whether it did. The
// German 7-bit code has umlauts where ASCII has brackets.
func transcribe(text string) (string, bool) {
	var b strings.Builder
	for _, ch := range text {
		switch {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9', strings.ContainsRune(" /-?:().,'+", ch):
			b.WriteRune(ch)
		default:
			b.WriteString(replacement(ch))
		}
	}
	return b.String(), b.String() != text
}

func replacement(ch rune) string {
	switch ch {
	case 'Ä', '[':
		return "AE"
	case 'Ö', '\\':
		return "OE"
	case 'Ü', ']':
		return "UE"
	case 'ä', '{':
		return "ae"
	case 'ö', '|':
		return "oe"
	case 'ü', '}':
		return "ue"
	case 'ß', '~':
		return "ss"
	case '&':
		return "+"
	case ';':
		return ","
	}
	return "."
}

// joinNames makes one name of two lines.
func joinNames(first, second string) string {
	return strings.Join(strings.Fields(first+" "+second), " ")
}

// lineLength is the length of a line in DTAZV.
const lineLength = 35

// joinRunning makes one text of lines. A line that is full may break within a word, and
// is joined to the next as it stands; a shorter one ends with a word.
func joinRunning(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line)
		if len([]rune(line)) < lineLength {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(blankRuns.ReplaceAllString(b.String(), " "))
}

var blankRuns = regexp.MustCompile(` {2,}`)

// reference makes a text an identification: no slash at the ends, no two in a row.
func reference(text string) string {
	text = slashRuns.ReplaceAllString(text, "/")
	return strings.Trim(text, "/ ")
}

var slashRuns = regexp.MustCompile(`/{2,}`)

var reportedFor = regexp.MustCompile(`(^| )INVF[0-9]{10}`)

// splitContact separates the contact from the number of the company for which a payment
// is reported, "" if there is none.
func splitContact(text string) (contact, company string) {
	at := reportedFor.FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	company = strings.TrimSpace(text[at[0]:at[1]])
	return strings.TrimSpace(text[:at[0]] + " " + strings.TrimSpace(text[at[1]:])), company
}

// address is PstlAdr; empty parts are left out.
type address struct {
	street, postCode, town, country string
	lines                           []string
}

func (a *address) empty() bool {
	return a.street == "" && a.town == "" && a.country == "" && len(a.lines) == 0
}

// newAddress makes an address of the last two lines that DTAZV has. The case says what
// is wrong with it, "" = nothing.
func newAddress(country, street, place string) (address, string) {
	a := address{street: street, country: country}
	code, town := splitPostCode(country, place)
	town, rest, _ := strings.Cut(town, ",")
	town, rest = strings.TrimSpace(town), strings.TrimSpace(rest)
	town = strings.TrimSpace(strings.TrimSuffix(town, " "+country))
	switch {
	case town == "":
		a.street = ""
		for _, line := range []string{street, place} {
			if line != "" {
				a.lines = append(a.lines, line)
			}
		}
		return a, "town"
	case rest != "" && rest != country:
		a.lines = []string{rest}
	}
	a.postCode, a.town = code, town
	switch {
	case country == "":
		return a, "country"
	case len(a.lines) > 0:
		return a, "hybrid"
	}
	return a, ""
}

var (
	countryPrefix = regexp.MustCompile(`^[A-Z]{1,3}-([0-9])`)
	leadingCode   = regexp.MustCompile(`^([0-9][0-9-]{2,9}(?: [0-9]{2,4})?)(?: (.*))?$`)
	dutchCode     = regexp.MustCompile(`^([0-9]{4} ?[A-Z]{2})(?: (.*))?$`)
)

// splitPostCode separates a postal code of at least three digits at the beginning of a
// line from the town behind it.
func splitPostCode(country, place string) (code, town string) {
	place = countryPrefix.ReplaceAllString(place, "$1")
	form := leadingCode
	if country == "NL" && dutchCode.MatchString(place) {
		form = dutchCode
	}
	if m := form.FindStringSubmatch(place); m != nil {
		return m[1], strings.TrimSpace(m[2])
	}
	return "", place
}

var germanCode = regexp.MustCompile(`^(D-|DE-)?[0-9]{5} `)

// originatorCountry is DE where the line of the town begins like a German one.
func originatorCountry(place string) string {
	if germanCode.MatchString(place) {
		return "DE"
	}
	return ""
}
