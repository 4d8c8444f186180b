// Package order is the catalogue of orders that banks and customers agree on: for
// each its classic order type (H003, H004), or file format of FUL and FDL, its
// business transaction formats (H005), what is inside, and for which payments it is
// meant.
//
// The catalogue is a proposal. What a customer may use, and under which name, a bank
// says in HTD and HKD; a bank profile (kontor/ebics/banks) overrides entries. The
// entries are data in catalogue.yaml, each with its source; what no public source
// says is not there, and what banks define each for themselves is marked so.
package order

import (
	"slices"
	"strings"

	"kontor/ebics"
	"kontor/finding"
)

// Direction says who sends the content.
type Direction string

// The directions.
const (
	Upload   Direction = "upload"   // from the customer to the bank
	Download Direction = "download" // from the bank to the customer
)

// Group is what an order is for.
type Group string

// The groups.
const (
	Payment   Group = "payment"   // instructs, or recalls, payments
	Statement Group = "statement" // statements, advices and bookings of accounts
	Status    Group = "status"    // the bank's word on payments: pain.002
	Protocol  Group = "protocol"  // what happened to orders: HAC, PTK
	Keys      Group = "keys"      // key management
	Master    Group = "master"    // what bank, customer and user may do
	VEU       Group = "veu"       // distributed signatures
	Other     Group = "other"     // frames for anything (FUL, BTU), information
)

// Scheme is the kind of payment that an order carries.
type Scheme string

// The schemes.
const (
	SEPA     Scheme = "sepa"     // credit transfers in euro within SEPA
	Foreign  Scheme = "foreign"  // credit transfers in other currencies or beyond SEPA
	Domestic Scheme = "domestic" // credit transfers in a national currency other than the euro, at home
	Core     Scheme = "core"     // direct debits of the scheme CORE
	B2B      Scheme = "b2b"      // direct debits of the scheme B2B
)

// VoP is what an order says about the verification of payee.
type VoP string

// The wishes. A bank in the euro area treats an order that says nothing as OptOut.
const (
	VoPUnsaid VoP = ""
	OptIn     VoP = "opt-in"  // check the names; the order waits for a second signature after the result
	OptOut    VoP = "opt-out" // do not check
)

// Standing says how much an entry is worth.
type Standing string

// The standings.
const (
	Published    Standing = "published"     // in the public lists of banking industries or several banks
	BankSpecific Standing = "bank-specific" // a name, but each bank gives it its own content or BTF: take it from HTD
	Unverified   Standing = "unverified"    // named by one source only, or without its details
	Unlisted     Standing = "unlisted"      // not in the catalogue; made by Unknown and UnknownBTF
)

// Entry is one order of the catalogue.
type Entry struct {
	// ID names the entry where it has no order type of its own; see Key.
	ID string `yaml:"id"`
	// Type is the classic order type, or the administrative one that H005 keeps; ""
	// for orders that exist as BTF only.
	Type ebics.OrderType `yaml:"type"`
	// FileFormat and FileCountry belong to FUL and FDL.
	FileFormat  string    `yaml:"file_format"`
	FileCountry string    `yaml:"file_country"`
	Direction   Direction `yaml:"direction"`
	Group       Group     `yaml:"group"`
	// Content is what is inside, as a message name without version (pain.001,
	// camt.053, mt940, dtazv) or a word (pdf, keys); "" = anything.
	Content string `yaml:"content"`
	// Container is what the content comes in under the classic type: ZIP, XML (a
	// container document with several messages), or "" for none.
	Container string `yaml:"container"`
	// Twins are the business transaction formats; none where H005 keeps the type
	// (Kept), or where no public source knows one.
	Twins []Twin `yaml:"btf"`
	// Kept says that H005 has the order under the same type.
	Kept bool `yaml:"kept"`
	// Attributes are the order attributes of H003 and H004 that may be sent; several
	// where the agreement with the bank decides.
	Attributes []string `yaml:"attributes"`
	// Schemes, Instant, Urgent, Bureau and VoP say which payments it carries. Bureau
	// is the container of a service bureau (SRZ) with orders of several holders.
	Schemes []Scheme `yaml:"schemes"`
	Instant bool     `yaml:"instant"`
	Urgent  bool     `yaml:"urgent"`
	Bureau  bool     `yaml:"bureau"`
	VoP     VoP      `yaml:"vop"`
	// MayWait says that the order may wait for distributed signatures (VEU).
	MayWait bool `yaml:"may_wait"`
	// Countries are where it is in use; none = anywhere.
	Countries []string `yaml:"countries"`
	Standing  Standing `yaml:"standing"`
	// Retired says that banks no longer take or offer it, or are about to stop.
	Retired bool `yaml:"retired"`
	// ByName says that it is used only where a setting names it; ForPayment never
	// proposes it.
	ByName bool `yaml:"by_name"`
	// Source says where the entry comes from; Note, what to look out for.
	Source string `yaml:"source"`
	Note   string `yaml:"note"`
	Name   Texts  `yaml:"name"`
}

// Texts is a text in the languages of the product.
type Texts struct {
	EN string `yaml:"en"`
	DE string `yaml:"de"`
	SV string `yaml:"sv"`
}

// Texts returns the text as the rest of the program knows it.
func (t Texts) Texts() finding.Texts { return finding.Texts{EN: t.EN, DE: t.DE, SV: t.SV} }

// Twin is one business transaction format under which banks know an order.
type Twin struct {
	BTF ebics.BTF
	// VoP is set on twins that say more about the verification of payee than the
	// entry: Austria steers it by the service option.
	VoP VoP
}

// Key names an entry within its catalogue: its ID, or its type with the file format.
func (e Entry) Key() string {
	switch {
	case e.ID != "":
		return e.ID
	case e.FileFormat != "":
		return string(e.Type) + " " + e.FileFormat
	}
	return string(e.Type)
}

// In says whether the entry is in use in a country (ISO 3166); "" is any.
func (e Entry) In(country string) bool {
	return country == "" || len(e.Countries) == 0 || slices.Contains(e.Countries, country)
}

// BTF returns the twin to propose for accounts in a country: of that country's scope,
// else a global or unscoped one, else a bilateral one; never one of another country's
// list, for what a country calls an order is not to be guessed. Without a country any
// twin will do. With several versions of the message the first listed wins. A twin that
// says more about the verification of payee than the entry is taken for that wish only.
func (e Entry) BTF(country string, vop VoP) (ebics.BTF, bool) {
	best, bestRank := ebics.BTF{}, foreignScope
	for _, t := range e.Twins {
		rank := scopeRank(t.BTF.Scope, country)
		switch {
		case t.VoP == VoPUnsaid:
			rank++
		case t.VoP != vop:
			continue // it would say what nobody said
		}
		if rank < bestRank {
			best, bestRank = t.BTF, rank
		}
	}
	return best, bestRank < foreignScope
}

// foreignScope is the rank of a scope that does not fit at all.
const foreignScope = 100

func scopeRank(scope, country string) int {
	switch {
	case scope == country && scope != "", scope == "CH" && country == "LI":
		return 0
	case scope == "" || scope == "GLB":
		return 10
	case country == "" || len(scope) != 2:
		return 20
	}
	return foreignScope
}

// Order returns the description that the client takes, with the classic type and the
// BTF where there is one. The attribute is the caller's: it follows from the agreement
// with the bank.
func (e Entry) Order(country string, vop VoP, attribute string) ebics.Order {
	o := ebics.Order{Type: e.Type, Attribute: attribute}
	if e.FileFormat != "" {
		o.FileFormat = &ebics.FileFormat{Country: e.FileCountry, Name: e.FileFormat}
	}
	if b, ok := e.BTF(country, vop); ok {
		o.Service = &b
	}
	return o
}

// Unknown describes an order type that the catalogue has not. A type is not evidence
// of content: nothing is guessed.
func Unknown(t ebics.OrderType, fileFormat string, d Direction) Entry {
	return Entry{Type: t, FileFormat: fileFormat, Direction: d, Group: Other, Standing: Unlisted, Name: same(string(t))}
}

// UnknownBTF describes a business transaction format that the catalogue has not. The
// message it names is its content.
func UnknownBTF(b ebics.BTF, d Direction) Entry {
	return Entry{ID: b.String(), Direction: d, Group: Other, Content: b.MsgName, Container: b.Container,
		Twins: []Twin{{BTF: b}}, Standing: Unlisted, Name: same(b.String())}
}

func same(text string) Texts { return Texts{text, text, text} }

// Known says whether the entry comes from a catalogue.
func (e Entry) Known() bool { return e.Standing != Unlisted && e.Standing != "" }

// isCountry says whether a text has the form of an ISO 3166 code.
func isCountry(text string) bool {
	return len(text) == 2 && strings.ToUpper(text) == text
}
