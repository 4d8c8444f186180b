package pain

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
	"kontor/xmlscan"
)

// peeked is what the beginning of a document tells.
type peeked struct {
	known    bool // a document element was read
	local    string
	space    string
	location string // xsi:schemaLocation
	at       xmlscan.Position
	country  string  // of the first own account's IBAN, of a Swedish number, or of its bank's BIC
	unnamed  bool    // the first own account has no IBAN and no Swedish number
	service  string  // the first service level, of the payment information or its first transaction
	charges  string  // ChrgBr, likewise
	currency string  // of the first transaction
	adopted  adopted // set for a message that no profile knows
}

// maxPeek is how many bytes are looked at for the own account and the first transaction:
// a group header, the head of a payment information and one transaction have 3 kB.
const maxPeek = 64 << 10

const instanceSpace = "http://www.w3.org/2001/XMLSchema-instance"

// peek reads the beginning of a document, with the first transaction, and returns it
// with a reader that gives the whole again. An error is that of the document element or
// of what stands before it; one further on is left for the reader proper.
func peek(r io.Reader, l xmlscan.Limits) (peeked, io.Reader, error) {
	var p peeked
	var head bytes.Buffer
	scan := xmlscan.NewScanner(io.TeeReader(r, &head), l)
	var path elementPath
	var err error
	for scan.Position().Offset < maxPeek {
		var kind xmlscan.Kind
		if kind, err = scan.Next(); err != nil {
			break
		}
		switch kind {
		case xmlscan.StartElement:
			path.open(scan.Local())
			if len(path.ends) == 1 {
				if p.root(scan); !p.message() {
					return p, io.MultiReader(&head, r), nil
				}
			}
			p.start(path.below(), scan)
		case xmlscan.EndElement:
			if tail := string(path.below()); tail == "CdtTrfTxInf" || tail == "DrctDbtTxInf" {
				return p, io.MultiReader(&head, r), nil
			}
			path.close()
		case xmlscan.Text:
			p.text(path.below(), scan.Text())
		case xmlscan.Comment, xmlscan.ProcInst:
		}
	}
	if err != nil && !p.known {
		return p, nil, fmt.Errorf("reading payment initiation: %w", err)
	}
	return p, io.MultiReader(&head, r), nil
}

func (p *peeked) root(scan *xmlscan.Scanner) {
	p.known, p.local, p.space, p.at = true, string(scan.Local()), string(scan.Space()), scan.Position()
	for _, a := range scan.Attrs() {
		if string(a.Local) == "schemaLocation" && string(a.Space) == instanceSpace {
			p.location = string(a.Value)
		}
	}
}

// elementPath is the way from the document element to the open one, without strings: the
// beginning of a document has many elements.
type elementPath struct {
	text []byte
	ends []int // of each element in text
}

func (e *elementPath) open(local []byte) {
	if len(e.text) > 0 {
		e.text = append(e.text, '/')
	}
	e.text = append(e.text, local...)
	e.ends = append(e.ends, len(e.text))
}

func (e *elementPath) close() {
	e.ends = e.ends[:len(e.ends)-1]
	if n := len(e.ends); n > 0 {
		e.text = e.text[:e.ends[n-1]]
	}
}

// below returns the part of the path from below PmtInf on; nothing elsewhere.
func (e *elementPath) below() []byte {
	if len(e.ends) < 4 || string(e.text[e.ends[1]+1:e.ends[2]]) != "PmtInf" {
		return nil
	}
	return e.text[e.ends[2]+1:]
}

// start takes what a start tag tells.
func (p *peeked) start(path []byte, scan *xmlscan.Scanner) {
	switch string(path) {
	case "DbtrAcct/Id/Othr", "CdtrAcct/Id/Othr":
		p.unnamed = true
	case "CdtTrfTxInf/Amt/InstdAmt":
		for _, a := range scan.Attrs() {
			if string(a.Local) == "Ccy" {
				p.currency = string(a.Value)
			}
		}
	}
}

// text takes the country of the own account, and what tells a SEPA payment from another.
func (p *peeked) text(path, text []byte) {
	text = bytes.TrimSpace(text)
	switch string(bytes.TrimPrefix(path, ownTransaction)) {
	case "PmtTpInf/SvcLvl/Cd", "PmtTpInf/SvcLvl/Prtry":
		if p.service == "" {
			p.service = string(text)
		}
		return
	case "ChrgBr":
		p.charges = string(text)
		return
	case "Amt/EqvtAmt/CcyOfTrf":
		p.currency = string(text)
		return
	}
	if len(p.country) == 2 {
		return // what comes now is of the other party, or of a bank that the account has told
	}
	switch string(path) {
	case "DbtrAcct/Id/IBAN", "CdtrAcct/Id/IBAN":
		if len(text) >= 2 {
			p.country = string(text[:2])
		}
	case "DbtrAcct/Id/Othr/SchmeNm/Cd", "DbtrAcct/Id/Othr/SchmeNm/Prtry", "CdtrAcct/Id/Othr/SchmeNm/Cd", "CdtrAcct/Id/Othr/SchmeNm/Prtry",
		"DbtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd", "CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd":
		if isSwedish(text) {
			p.country, p.unnamed = "SE", false
		}
	case "DbtrAgt/FinInstnId/BIC", "DbtrAgt/FinInstnId/BICFI", "CdtrAgt/FinInstnId/BIC", "CdtrAgt/FinInstnId/BICFI":
		if len(text) >= 6 && !bytes.Equal(text, notProvided) {
			p.country = string(text[4:6])
		}
	}
}

var ownTransaction = []byte("CdtTrfTxInf/")

// isSwedish reports whether a code of the external code sets stands for a Swedish way of
// numbering: bankgiro numbers (BGNR) and clearing numbers (SESBA).
func isSwedish(code []byte) bool { return string(code) == "BGNR" || string(code) == "SESBA" }

var notProvided = []byte("NOTPROVIDED")

// namespacePrefix begins the namespace of every ISO 20022 message.
const namespacePrefix = "urn:iso:std:iso:20022:tech:xsd:"

// swissPrefix and swissSuffix enclose the message in the namespaces of the Swiss direct
// debits.
const (
	swissPrefix = "http://www.six-interbank-clearing.com/de/"
	swissSuffix = ".xsd"
)

// name returns the message's name: what a namespace says besides the convention.
func (p *peeked) name() string {
	if p.adopted.name != "" {
		return p.adopted.name
	}
	if name, ok := strings.CutPrefix(p.space, namespacePrefix); ok {
		return name
	}
	if name, ok := strings.CutPrefix(p.space, swissPrefix); ok {
		return strings.TrimSuffix(name, swissSuffix)
	}
	return ""
}

// message reports whether any profile reads such a document.
func (p *peeked) message() bool {
	if p.local != "Document" {
		return false
	}
	name := p.name()
	for i := range profiles {
		if _, ok := profiles[i].schemas[name]; ok {
			return true
		}
	}
	return false
}

// kind of the message, by its name.
func (p *peeked) kind() Kind {
	if p.adopted.kind != 0 {
		return p.adopted.kind
	}
	if strings.HasPrefix(p.name(), "pain.008.") {
		return KindDirectDebit
	}
	return KindCreditTransfer
}

// profile chooses among the profiles that have a schema for the message: first by a
// schema location that names a national schema, then by the country of the own account.
func (p *peeked) profile(today calendar.Date) *Profile {
	wish := ProfileISO
	switch {
	case strings.Contains(p.location, "_AXZ_"):
		wish = ProfileDKAXZ
	case strings.Contains(p.location, "_GBIC_4"):
		wish = ProfileDK4
	case strings.Contains(p.location, "_GBIC_"):
		wish = ProfileDK
	case p.country == "DE" && p.abroad():
		wish = ProfileDKAXZ
	case p.country == "DE":
		wish = ProfileDK
	case strings.Contains(p.location, ".ch.0"), p.country == "CH", p.country == "LI":
		wish = ProfileSPS
	case strings.Contains(p.location, ".at.00"), p.country == "AT":
		wish = ProfilePSA
	case p.country == "SE":
		wish = ProfileSE
	case p.country == "" && p.unnamed && p.service != "SEPA" && p.kind() == KindCreditTransfer:
		// no SEPA account, and nothing else that speaks of SEPA
	case p.country == "", account.SEPA(p.country, today):
		wish = ProfileEPC
	}
	for _, id := range []ProfileID{wish, p.second(wish), ProfileEPC, ProfileDK, ProfileSPS} {
		if x, ok := LookupProfile(id); ok && x.schemas[p.name()] != "" {
			return x
		}
	}
	return &profiles[0] // message has been asked: cannot be
}

// second is the profile for a message that the wished one has no schema for: an older
// Swiss credit transfer, and a German one in another currency, is none of SEPA.
func (p *peeked) second(wish ProfileID) ProfileID {
	switch {
	case wish == ProfileSPS && p.kind() == KindCreditTransfer, wish == ProfileDKAXZ && p.otherCurrency():
		return ProfileISO
	case wish == ProfileDKAXZ:
		return ProfileDK
	}
	return wish
}

// abroad reports whether the first transaction is a credit transfer that is none of SEPA
// by what it says: no service level SEPA, and another currency or way to share charges.
func (p *peeked) abroad() bool {
	return p.kind() == KindCreditTransfer && p.service != "SEPA" && (p.otherCurrency() || p.charges != "" && p.charges != "SLEV")
}

func (p *peeked) otherCurrency() bool { return p.currency != "" && p.currency != "EUR" }

// sepa says which payments of a document are judged as SEPA payments: in a country of
// SEPA that has a currency of its own, and in a file that begins with a payment in
// another currency, only those that say so.
func (p *peeked) sepa(x *Profile, today calendar.Date) sepaMode {
	if x.ID == ProfileEPC && (p.country != "" && !account.Euro(p.country, today) || p.service == "" && p.otherCurrency()) {
		return sepaMarked
	}
	return x.sepa
}

// classic reports whether the message is one of 2009, or derived from one.
func (p *peeked) classic() bool {
	if p.adopted.kind != 0 {
		return p.adopted.classic
	}
	return classicVersion(p.name())
}

func (p *peeked) unreadable(c string, args ...string) *UnreadableError {
	f := rules[ruleUnknownMessage].New(c, args...)
	f.At = location(p.at, "")
	return &UnreadableError{Code: f.Code, At: f.At, Message: f.Message, Case: f.Case, Args: f.Args}
}

func location(p xmlscan.Position, path string) finding.Location {
	return finding.Location{Line: p.Line, Column: p.Column, Offset: p.Offset, Path: path}
}
