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
	country  string // of the first own account's IBAN, or of its bank's BIC
}

// maxPeek is how many bytes are looked at for the own account: a group header and the
// head of a payment information have 2 kB.
const maxPeek = 64 << 10

const instanceSpace = "http://www.w3.org/2001/XMLSchema-instance"

// peek reads the beginning of a document, up to the first transaction, and returns it
// with a reader that gives the whole again. An error is that of the document element or
// of what stands before it; one further on is left for the reader proper.
func peek(r io.Reader, l xmlscan.Limits) (peeked, io.Reader, error) {
	var p peeked
	var head bytes.Buffer
	scan := xmlscan.NewScanner(io.TeeReader(r, &head), l)
	var path []string
	var err error
	for scan.Position().Offset < maxPeek && !p.complete() {
		var kind xmlscan.Kind
		if kind, err = scan.Next(); err != nil {
			break
		}
		switch kind {
		case xmlscan.StartElement:
			path = append(path, string(scan.Local()))
			if len(path) == 1 {
				p.root(scan)
			}
			if local := path[len(path)-1]; local == "CdtTrfTxInf" || local == "DrctDbtTxInf" || p.known && !p.message() {
				return p, io.MultiReader(&head, r), nil
			}
		case xmlscan.EndElement:
			path = path[:len(path)-1]
		case xmlscan.Text:
			p.text(path, scan.Text())
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

func (p *peeked) complete() bool { return len(p.country) == 2 }

// text takes the country of the own account. The other party's stand in transactions,
// which are not reached.
func (p *peeked) text(path []string, text []byte) {
	if len(path) < 4 || path[2] != "PmtInf" {
		return
	}
	switch tail := strings.Join(path[3:], "/"); tail {
	case "DbtrAcct/Id/IBAN", "CdtrAcct/Id/IBAN":
		if text = bytes.TrimSpace(text); len(text) >= 2 {
			p.country = string(text[:2])
		}
	case "DbtrAgt/FinInstnId/BIC", "DbtrAgt/FinInstnId/BICFI", "CdtrAgt/FinInstnId/BIC", "CdtrAgt/FinInstnId/BICFI":
		if text = bytes.TrimSpace(text); len(text) >= 6 && !bytes.Equal(text, notProvided) {
			p.country = string(text[4:6])
		}
	}
}

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
	case strings.Contains(p.location, "_GBIC_4"):
		wish = ProfileDK4
	case strings.Contains(p.location, "_GBIC_"), p.country == "DE":
		wish = ProfileDK
	case strings.Contains(p.location, ".ch.0"), p.country == "CH", p.country == "LI":
		wish = ProfileSPS
	case strings.Contains(p.location, ".at.00"), p.country == "AT":
		wish = ProfilePSA
	case p.country == "SE":
		wish = ProfileSE
	case p.country == "", account.SEPA(p.country, today):
		wish = ProfileEPC
	}
	if wish == ProfileDK && strings.Contains(p.location, "_GBIC_4") {
		wish = ProfileDK4
	}
	for _, id := range []ProfileID{wish, ProfileEPC, ProfileDK, ProfileSPS} {
		if x, ok := LookupProfile(id); ok && x.schemas[p.name()] != "" {
			return x
		}
	}
	return &profiles[0] // message has been asked: cannot be
}

func (p *peeked) unreadable(c string, args ...string) *UnreadableError {
	f := rules[ruleUnknownMessage].New(c, args...)
	f.At = location(p.at, "")
	return &UnreadableError{Code: f.Code, At: f.At, Message: f.Message, Case: f.Case, Args: f.Args}
}

func location(p xmlscan.Position, path string) finding.Location {
	return finding.Location{Line: p.Line, Column: p.Column, Offset: p.Offset, Path: path}
}
