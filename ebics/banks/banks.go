// Package banks knows how banks differ in EBICS: versions, keys, order types, status
// reports. Profiles are data, one YAML file per bank, each starting from another and
// in the end from generic.yaml; an operator's own folder adds profiles or replaces
// those that are built in.
//
// What a profile says beyond the generic one is a public fact, cited in a comment at
// its line. A profile is where to begin: what a customer may do, and the addresses
// that a profile leaves empty, the bank tells the customer.
package banks

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"kontor/ebics"
	"kontor/ebics/order"
)

// Certificates says what a bank wants the keys of its customers in.
type Certificates string

// The ways to hand in keys.
const (
	NoCertificates Certificates = "none"        // bare keys in H003 and H004; H005 always has certificates
	SelfSigned     Certificates = "self-signed" // certificates too in H004
	FromAuthority  Certificates = "authority"   // certificates issued by an authority that the bank accepts
)

// Profile is how one bank speaks EBICS. The zero value is no profile: all come from
// files.
type Profile struct {
	ID      string `yaml:"id"`      // name of the file without .yaml
	Name    string `yaml:"name"`    // of the bank, as it calls itself
	Country string `yaml:"country"` // ISO 3166 code; "" in generic
	Extends string `yaml:"extends"` // profile it starts from; "" = generic
	// Template says that this is no bank but what banks of a country have in common.
	Template bool `yaml:"template"`

	// URL and HostID are filled where they are public and certain; else the bank tells
	// them to its customer.
	URL    string       `yaml:"url"`
	HostID ebics.HostID `yaml:"host_id"`

	Versions          []ebics.Version  `yaml:"versions"`           // preferred first
	Digest            ebics.DigestKind `yaml:"digest"`             // of the bank's keys in requests; "" = by version
	Certificates      Certificates     `yaml:"certificates"`       // for the customer's keys
	SignatureVersions []string         `yaml:"signature_versions"` // A005, A006; preferred first
	KeyBits           int              `yaml:"key_bits"`           // least length of RSA keys
	SegmentSize       int              `yaml:"segment_size"`       // most characters of base64 in one segment; a multiple of 4
	BTFVersion        string           `yaml:"btf_version"`        // "send" or "omit" the version of the message

	HAC        bool     `yaml:"hac"`         // has the customer protocol as XML
	PTK        bool     `yaml:"ptk"`         // has it as text
	PTKCharset string   `yaml:"ptk_charset"` // ISO-8859-1, CP850 or UTF-8
	Master     string   `yaml:"master"`      // what tells a contact's rights: HTD, HKD or none
	Statuses   Statuses `yaml:"statuses"`    // order keys of status reports; empty = has none, and HAC has the last word
	Confirming []string `yaml:"confirming"`  // statuses beyond ACSC and ACCC that mean executed: ACCP, ACSP, ACWC
	Statements []string `yaml:"statements"`  // order keys to fetch statements and advices with

	Attribute  string            `yaml:"attribute"`  // of payment uploads: OZHNN (may wait in the VEU) or DZHNN (released outside)
	Attributes map[string]string `yaml:"attributes"` // the same by order key, where one differs

	// Orders override or add to the catalogue; Without removes keys from it. Both add to
	// those of the profile this one extends.
	Orders  []order.Entry `yaml:"orders"`
	Without []string      `yaml:"without"`

	Sources []string `yaml:"sources"` // where the facts come from

	catalogue *order.Catalogue
}

// Statuses are the keys of the orders that bring pain.002, by what they report on.
type Statuses struct {
	CreditTransfer []string `yaml:"credit_transfer"`
	Instant        []string `yaml:"instant"`
	DirectDebit    []string `yaml:"direct_debit"`
	VoP            []string `yaml:"vop"` // results of the verification of payee
}

// All lists the keys of all kinds, each once, in the order above.
func (s Statuses) All() []string {
	var all []string
	for _, kind := range [][]string{s.CreditTransfer, s.Instant, s.DirectDebit, s.VoP} {
		for _, key := range kind {
			if !slices.Contains(all, key) {
				all = append(all, key)
			}
		}
	}
	return all
}

// Catalogue returns the orders as this bank has them.
func (p Profile) Catalogue() *order.Catalogue { return p.catalogue }

// Ways finds the profile that settings name; "" names the generic one.
//
// Error: there is no such profile.
func (s *Set) Ways(id string) (Profile, error) {
	p, found := s.Profile(cmp.Or(id, generic))
	if !found {
		return Profile{}, fmt.Errorf("no bank profile %q", id)
	}
	return p, nil
}

// AttributeOf returns the order attribute of uploads (H003, H004) of an order: the only
// one it can have, else what the profile agrees on.
func (p Profile) AttributeOf(e order.Entry) string {
	if len(e.Attributes) == 1 {
		return e.Attributes[0]
	}
	if a := p.Attributes[e.Key()]; a != "" {
		return a
	}
	return p.Attribute
}

// BTF returns the business transaction format to use with this bank for an order, in
// the way the bank wants its version; false if none is known.
func (p Profile) BTF(e order.Entry, vop order.VoP) (ebics.BTF, bool) {
	b, ok := e.BTF(p.Country, vop)
	if p.BTFVersion == omitVersion {
		b.Version, b.Variant, b.Format = "", "", ""
	}
	return b, ok
}

// Order returns what the client takes to send or fetch an order with this bank.
func (p Profile) Order(e order.Entry, vop order.VoP) ebics.Order {
	o := e.Order(p.Country, vop, p.AttributeOf(e))
	if b, ok := p.BTF(e, vop); ok {
		o.Service = &b
	}
	return o
}

const (
	sendVersion = "send"
	omitVersion = "omit"
)

// fault is what is wrong with a profile, at a path of its file.
type fault struct {
	path []any
	text string
}

func (p Profile) faults() (all []fault) {
	complain := func(bad bool, text string, path ...any) {
		if bad {
			all = append(all, fault{path, text})
		}
	}
	oneOf := func(text string, allowed ...string) bool { return slices.Contains(allowed, text) }
	complain(p.Name == "", "a profile has a name", "name")
	complain(p.Country != "" && (len(p.Country) != 2 || strings.ToUpper(p.Country) != p.Country), "want an ISO 3166 code", "country")
	complain(p.Country == "" && p.ID != generic, "only the generic profile has no country", "country")
	complain(p.URL != "" && !httpsURL(p.URL), "want an https URL", "url")
	if p.HostID != "" {
		_, err := ebics.ParseHostID(string(p.HostID))
		complain(err != nil, "is no host id", "host_id")
	}
	complain(len(p.Versions) == 0, "want H003, H004 or H005", "versions")
	for i, v := range p.Versions {
		_, err := ebics.ParseVersion(string(v))
		complain(err != nil, "want H003, H004 or H005", "versions", i)
	}
	_, digestErr := ebics.ParseDigestKind(string(p.Digest))
	complain(digestErr != nil, "want key, certificate or nothing", "digest")
	complain(!oneOf(string(p.Certificates), string(NoCertificates), string(SelfSigned), string(FromAuthority)), "want none, self-signed or authority", "certificates")
	complain(len(p.SignatureVersions) == 0, "want A005 or A006", "signature_versions")
	for i, v := range p.SignatureVersions {
		complain(!oneOf(v, "A005", "A006"), "want A005 or A006", "signature_versions", i)
	}
	complain(p.KeyBits < 2048 || p.KeyBits > 4096, "want 2048 to 4096", "key_bits")
	complain(p.SegmentSize < 1024 || p.SegmentSize > 1<<20 || p.SegmentSize%4 != 0, "want a multiple of 4 from 1024 to 1048576", "segment_size")
	complain(!oneOf(p.BTFVersion, sendVersion, omitVersion), "want send or omit", "btf_version")
	complain(!oneOf(p.PTKCharset, "ISO-8859-1", "CP850", "UTF-8"), "want ISO-8859-1, CP850 or UTF-8", "ptk_charset")
	complain(!oneOf(p.Master, "HTD", "HKD", "none"), "want HTD, HKD or none", "master")
	for i, s := range p.Confirming {
		complain(!oneOf(s, "ACCP", "ACSP", "ACWC"), "want ACCP, ACSP or ACWC: other statuses never confirm, or always do", "confirming", i)
	}
	complain(!oneOf(p.Attribute, ebics.AttributeOrder, ebics.AttributeData), "want OZHNN or DZHNN", "attribute")
	for key, a := range p.Attributes {
		complain(!oneOf(a, ebics.AttributeOrder, ebics.AttributeData), "want OZHNN or DZHNN", "attributes", key)
	}
	for i, e := range p.Orders {
		for _, text := range e.Validate() {
			complain(true, e.Key()+": "+text, "orders", i)
		}
	}
	return all
}

// refers checks the keys that a profile names against its own catalogue.
func (p Profile) refers() (all []fault) {
	check := func(keys []string, group order.Group, path ...any) {
		for i, key := range keys {
			if e, ok := p.catalogue.ByKey(key); !ok || e.Group != group {
				all = append(all, fault{append(slices.Clone(path), i), fmt.Sprintf("%s is no order of the group %s in the catalogue of this profile", key, group)})
			}
		}
	}
	check(p.Statuses.CreditTransfer, order.Status, "statuses", "credit_transfer")
	check(p.Statuses.Instant, order.Status, "statuses", "instant")
	check(p.Statuses.DirectDebit, order.Status, "statuses", "direct_debit")
	check(p.Statuses.VoP, order.Status, "statuses", "vop")
	check(p.Statements, order.Statement, "statements")
	for key := range p.Attributes {
		if e, ok := p.catalogue.ByKey(key); !ok || len(e.Attributes) < 2 {
			all = append(all, fault{[]any{"attributes", key}, key + " is no order whose attribute can be chosen"})
		}
	}
	return all
}

func httpsURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}
