package pain

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"

	"kontor/account"
	"kontor/xsd"
)

// address is what is known of a postal address.
type address struct {
	there     bool
	town      bool
	country   bool
	lines     int
	structure bool // it has any part but lines and country
	repeats   bool // a line repeats the town
	code      [2]byte
	townName  [35]byte
	townSize  int
	postcode  [16]byte
	postSize  int
	postAt    int64
	lineAt    int64
}

// full reports whether the address has what structured and hybrid addresses need.
func (a *address) full() bool { return a.town && a.country }

// party is the party that is read.
type party struct {
	named   bool
	ids     int
	address address
}

func (d *judge) openParty(r xsd.Role, offset int64) {
	p, x := place((r-roleParties)/xsd.Role(partCount)), part((r-roleParties)%xsd.Role(partCount))
	switch x { //nolint:exhaustive // these begin something
	case partParty:
		d.party = party{}
		d.ultimate(p, offset)
		if p == placeOther {
			d.pay.party = true
		}
	case partAddress:
		d.party.address = address{there: true}
	case partIdentification:
		if p == placeInitiating && d.profile.sepa == sepaAll && !d.profile.swiss {
			d.tell(ruleInitiatingParty, offset, "", "id")
		}
	case partOther:
		if d.party.ids++; d.party.ids == 2 && d.sepaAt(p) {
			d.tell(rulePartyID, offset, "", "several")
		}
	}
}

// ultimate notes parties that may stand at one level only.
func (d *judge) ultimate(p place, offset int64) {
	switch p {
	case placeOwnerUltimate:
		d.state.ultimate = true
	case placePaymentOwnerUltimate:
		what := "UltmtDbtr"
		if d.kind == KindDirectDebit {
			what = "UltmtCdtr"
		}
		d.bothLevels(d.state.ultimate, offset, what)
	case placeInitiating, placeOwner, placeOther, placeOtherUltimate, placeCount:
	}
}

// sepaAt says whether a party is one of a SEPA payment.
func (d *judge) sepaAt(p place) bool {
	switch p { //nolint:exhaustive // the others belong to the payment
	case placeInitiating:
		return false // it does not travel with the payment
	case placeOwner, placeOwnerUltimate:
		return d.state.sepa
	}
	return d.pay.sepa
}

func (d *judge) closeParty(r xsd.Role, offset int64) {
	p, x := place((r-roleParties)/xsd.Role(partCount)), part((r-roleParties)%xsd.Role(partCount))
	switch x { //nolint:exhaustive // these end something
	case partParty:
		if !d.party.named {
			d.nameless(p, offset)
		}
	case partAddress:
		if p == placeOther {
			d.pay.address = d.party.address
		}
		d.judgeAddress(p, offset)
	}
}

func (d *judge) nameless(p place, offset int64) {
	switch p {
	case placeInitiating:
		if d.profile.swiss {
			d.tell(ruleInitiatingParty, offset, "Nm", "missing")
		}
	case placeOwner, placeOther:
		if d.may(ruleName, offset, "Nm") {
			d.tell(ruleName, offset, "Nm", "missing")
		}
	case placeOwnerUltimate, placePaymentOwnerUltimate, placeOtherUltimate, placeCount:
	}
}

func (d *judge) partyValue(r xsd.Role) {
	p, x := place((r-roleParties)/xsd.Role(partCount)), part((r-roleParties)%xsd.Role(partCount))
	a, text := &d.party.address, d.value.Text
	switch x { //nolint:exhaustive // those with a text that is judged
	case partName:
		d.party.named = true
		d.name(p)
	case partLEI:
		if !account.CheckLEI(text) {
			d.fault(rulePartyID, "lei")
		}
	case partCountry:
		a.country = true
		copy(a.code[:], text)
		if !account.KnownCountry(text) {
			d.fault(ruleCountry, "unknown")
		}
	case partTown:
		a.town, a.structure = true, true
		a.townSize = copy(a.townName[:], text)
		d.addressText(p)
	case partStreet:
		a.structure = true
		d.addressText(p)
	case partPostcode:
		a.structure = true
		a.postSize, a.postAt = copy(a.postcode[:], text), d.value.Offset
	case partLine:
		if a.lines++; a.lines == 1 {
			a.lineAt = d.value.Offset
		}
		if a.townSize > 3 && repeatsTown(text, a.townName[:a.townSize]) {
			a.repeats = true
		}
		d.addressText(p)
	}
}

// repeatsTown reports whether a line has the town as whole words, and not as the name of a
// street: "Berlin Str. 3" is none, nor is "Berliner Str. 3".
func repeatsTown(line, town []byte) bool {
	for i := 0; i+len(town) <= len(line); i++ {
		if !bytes.EqualFold(line[i:i+len(town)], town) {
			continue
		}
		before, _ := utf8.DecodeLastRune(line[:i])
		behind := line[i+len(town):]
		after, _ := utf8.DecodeRune(behind)
		if !unicode.IsLetter(before) && !unicode.IsLetter(after) && !isStreet(bytes.TrimLeft(behind, " -")) {
			return true
		}
	}
	return false
}

// streets are beginnings of words that make a street of the name before them.
var streets = [][]byte{
	[]byte("str."), []byte("str "), []byte("straße"), []byte("strasse"), []byte("street"), []byte("st."), []byte("road"), []byte("rd"), []byte("avenue"), []byte("lane"),
	[]byte("weg"), []byte("allee"), []byte("platz"), []byte("ring"), []byte("damm"), []byte("gasse"), []byte("ufer"), []byte("gatan"), []byte("vägen"), []byte("väg"), []byte("torg"),
}

func isStreet(text []byte) bool {
	for _, s := range streets {
		if len(text) >= len(s) && bytes.EqualFold(text[:len(s)], s) {
			return true
		}
	}
	return false
}

func (d *judge) addressText(p place) {
	if d.sepaAt(p) {
		d.text()
	}
}

// name judges the name of a party and keeps it.
func (d *judge) name(p place) {
	text, most := d.value.Text, 140
	sepa := d.sepaAt(p)
	if sepa {
		most = 70
	}
	if len(text) > most || len(text) == 0 || text[0] == ' ' {
		switch n := utf8.RuneCount(text); {
		case len(bytes.Trim(text, blanks)) == 0:
			d.fault(ruleName, "empty")
		case n > most:
			d.fault(ruleName, "long", strconv.Itoa(n), strconv.Itoa(most))
		}
	}
	if sepa {
		d.text()
	}
	switch p {
	case placeInitiating:
		d.message.InitiatingParty = string(text)
	case placeOwner:
		if d.kind == KindDirectDebit {
			d.batch.Creditor = string(text)
		} else {
			d.batch.Debtor = string(text)
		}
	case placeOther:
		d.fields.set(fieldCounterparty, text)
	case placeOwnerUltimate, placePaymentOwnerUltimate, placeOtherUltimate, placeCount:
	}
}

// judgeAddress is for the end of a postal address.
func (d *judge) judgeAddress(p place, offset int64) {
	a := &d.party.address
	if a.country && a.postSize > 0 && !postcodeFits(a.code, a.postcode[:a.postSize]) {
		d.tellText(rulePostcode, a.postAt, "PstCd", a.postcode[:a.postSize], "form", string(a.code[:]))
	}
	if p == placeInitiating || d.batch != nil && d.batch.PaymentMethod == "CHK" {
		return
	}
	if !a.full() {
		if a.lines > 0 && !a.structure || d.classic {
			d.unstructured(offset)
		} else if !a.town {
			d.tell(ruleAddress, offset, "TwnNm", "town")
		} else {
			d.tell(ruleAddress, offset, "Ctry", "country")
		}
	}
	if a.lines > 2 {
		d.tell(ruleAddress, a.lineAt, "AdrLine", "lines", strconv.Itoa(a.lines))
	}
	if a.repeats && a.full() {
		d.tell(ruleAddress, a.lineAt, "AdrLine", "twice")
	}
}

// unstructured is rule PAIN-D5: what decides is the day on which money moves.
func (d *judge) unstructured(offset int64) {
	if d.today.IsZero() {
		return
	}
	on := d.today
	if d.batch != nil && on.Before(d.state.requested) {
		on = d.state.requested
	}
	switch {
	case !on.Before(structuredFrom):
		d.tell(ruleUnstructuredAddress, offset, "", "ended")
	case !on.Before(structuredFrom.AddDays(-noticeDays)):
		d.tellMildly(ruleUnstructuredAddress, offset, "", "ending")
	}
}

// postcodes are the forms of postcodes without blanks and hyphens, where a country has
// one: 9 stands for a digit, A for a letter.
var postcodes = map[[2]byte]string{
	{'A', 'D'}: "AA999", {'A', 'T'}: "9999", {'B', 'E'}: "9999", {'B', 'G'}: "9999", {'C', 'H'}: "9999", {'C', 'Y'}: "9999", {'C', 'Z'}: "99999",
	{'D', 'E'}: "99999", {'D', 'K'}: "9999", {'E', 'E'}: "99999", {'E', 'S'}: "99999", {'F', 'I'}: "99999", {'F', 'R'}: "99999", {'G', 'R'}: "99999",
	{'H', 'R'}: "99999", {'H', 'U'}: "9999", {'I', 'S'}: "999", {'I', 'T'}: "99999", {'L', 'I'}: "9999", {'L', 'T'}: "99999", {'L', 'U'}: "9999",
	{'L', 'V'}: "9999", {'M', 'C'}: "99999", {'M', 'T'}: "AAA9999", {'N', 'L'}: "9999AA", {'N', 'O'}: "9999", {'P', 'L'}: "99999", {'P', 'T'}: "9999999",
	{'R', 'O'}: "999999", {'R', 'S'}: "99999", {'S', 'E'}: "99999", {'S', 'I'}: "9999", {'S', 'K'}: "99999", {'S', 'M'}: "99999", {'U', 'S'}: "99999",
}

// carSigns are what people write before a postcode besides the country's code: the signs
// that cars have.
var carSigns = map[[2]byte]string{
	{'A', 'T'}: "A-", {'B', 'E'}: "B-", {'D', 'E'}: "D-", {'E', 'S'}: "E-", {'F', 'R'}: "F-", {'I', 'T'}: "I-", {'L', 'I'}: "FL-", {'L', 'U'}: "L-", {'N', 'O'}: "N-",
	{'P', 'T'}: "P-", {'S', 'E'}: "S-", {'F', 'I'}: "AX-", // of Åland
}

// postcodeFits accepts any postcode of a country without a form, and the country's code
// or sign in front ("SE-12345", "D-12345"), which many write.
func postcodeFits(country [2]byte, text []byte) bool {
	form, known := postcodes[country]
	if !known {
		return true
	}
	if sign := carSigns[country]; sign != "" && len(text) > len(sign) && string(text[:len(sign)]) == sign {
		text = text[len(sign):]
	}
	var compact [16]byte
	n := 0
	for _, ch := range text {
		if ch != ' ' && ch != '-' {
			compact[n] = ch
			n++
		}
	}
	got := compact[:n]
	if n == len(form)+2 && got[0] == country[0] && got[1] == country[1] {
		got = got[2:]
	}
	if len(got) != len(form) {
		return country == [2]byte{'U', 'S'} && len(got) == 9 || country == [2]byte{'P', 'T'} && len(got) == 4
	}
	for i, ch := range got {
		if form[i] == '9' && (ch < '0' || ch > '9') || form[i] == 'A' && (ch < 'A' || ch > 'Z') && (ch < 'a' || ch > 'z') {
			return false
		}
	}
	return true
}
