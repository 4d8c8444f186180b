package ebics

import (
	"cmp"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"time"

	"kontor/ebics"
	"kontor/ebics/banks"
	"kontor/ebics/order"
	"kontor/internal/hub"
)

// ways is how one bank is spoken to: what its settings say, and where they say nothing, the public profile that they name.
type ways struct {
	profile      banks.Profile
	named        bool // by the settings; the generic profile says nothing of a certain bank
	version      ebics.Version
	digest       ebics.DigestKind
	certificates bool // the bank takes the contact's keys in certificates
}

func waysOf(p hub.BankProfile) (w ways, err error) {
	if w.profile, err = banks.Embedded().Ways(p.Ways); err != nil {
		return w, &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	w.named = p.Ways != ""
	if w.version, err = ebics.ParseVersion(p.Version()); err != nil {
		return w, &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	w.digest = ebics.DigestKind(p.BankDigest)
	if w.digest == ebics.DigestByVersion && w.version == ebics.H005 { // before, keys come bare and have but one digest
		w.digest = w.profile.Digest
	}
	w.certificates = w.version == ebics.H005 || w.profile.Certificates != banks.NoCertificates
	return w, nil
}

// defaultSegment is the client's own size of a segment.
const defaultSegment = 500_000

// segmentSize is the configured one, or less where the bank's profile says so.
func (w ways) segmentSize(configured int) int {
	if w.named && w.profile.SegmentSize < cmp.Or(configured, defaultSegment) {
		return w.profile.SegmentSize
	}
	return configured
}

// order names an order type in the words of the bank's version.
//
// Error: *hub.BankError if H005 names it by a service and the bank's profile knows none.
func (w ways) order(orderType string) (ebics.Order, error) {
	entry, known := w.profile.Catalogue().ByType(ebics.OrderType(orderType), "")
	if !known {
		if w.version == ebics.H005 {
			return ebics.Order{}, w.nameless(orderType)
		}
		return ebics.Order{Type: ebics.OrderType(orderType)}, nil
	}
	o := w.profile.Order(entry, order.VoPUnsaid)
	if w.version == ebics.H005 && o.Service == nil && !entry.Kept {
		return ebics.Order{}, w.nameless(orderType)
	}
	return o, nil
}

func (w ways) nameless(orderType string) error {
	err := fmt.Errorf("order type %s has no business transaction format (BTF) in the bank profile %q: name another profile with --ways, or speak H004",
		orderType, w.profile.ID)
	return &hub.BankError{Outcome: hub.BankMisconfigured, Text: err.Error(), Err: err}
}

// upload names an upload. The attribute of before is the SignatureFlag of H005: OZHNN lets the order wait for the account holder's
// signatures (requestEDS), DZHNN means that it is released outside EBICS.
func (w ways) upload(u hub.UploadOrder) (ebics.Order, error) {
	o, err := w.order(u.Type)
	if err != nil {
		return o, err
	}
	o.Attribute, o.Signature = u.Attribute, ebics.SignatureFlagNone
	if u.Attribute == hub.AttributeOZHNN {
		o.Signature = ebics.SignatureFlagEDS
	}
	return o, nil
}

// pins reads the keys that the bank's TLS certificate must have one of.
func pins(p hub.BankProfile) (out [][32]byte, err error) {
	for _, text := range p.Pins {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != 32 {
			return nil, hub.Errorf(hub.CodeInvalid, "%q pins no key", text)
		}
		out = append(out, [32]byte(raw))
	}
	return out, nil
}

// certificateYears is how long the certificates of a contact hold.
const certificateYears = 5

// certified puts keys into self-signed certificates of a contact. The same keys of the same contact get the same ones at any time, so that
// keys that were made bare are in the same certificates in the letter and in every request.
func certified(keys ebics.SubscriberKeys, c hub.Contact) (ebics.SubscriberKeys, error) {
	from := c.Created.UTC().Truncate(24 * time.Hour) // before now also for a bank whose clock is behind
	subject := pkix.Name{CommonName: c.UserID, Organization: []string{c.PartnerID}}
	out, err := keys.SelfSigned(subject, ebics.Validity{NotBefore: from, NotAfter: from.AddDate(certificateYears, 0, 0)})
	if err != nil {
		return out, fmt.Errorf("certify keys of contact %s: %w", c.ID, err)
	}
	return out, nil
}

// contactKeys reads a contact's keys, as its bank takes them: keys that were made before the bank was set to want certificates are put into
// some, and certificates are left out where it wants bare keys.
func contactKeys(l hub.Link, w ways) (keys ebics.SubscriberKeys, err error) {
	if err := keys.UnmarshalBinary(l.Contact.Keys); err != nil {
		return keys, fmt.Errorf("read keys of contact %s: %w", l.Contact.ID, err)
	}
	switch {
	case !w.certificates:
		for _, pair := range []*ebics.KeyPair{&keys.Signature, &keys.Authentication, &keys.Encryption} {
			pair.Certificate = nil
		}
	case keys.Signature.Certificate == nil:
		return certified(keys, l.Contact)
	}
	return keys, nil
}

func publicOf(keys ebics.SubscriberKeys) []ebics.PublicKey {
	return []ebics.PublicKey{keys.Signature.Public(), keys.Authentication.Public(), keys.Encryption.Public()}
}
