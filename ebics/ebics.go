// Package ebics holds what client and bank have in common in the Electronic
// Banking Internet Communication Standard, versions 2.4, 2.5 and 3.0 (protocol
// versions H003, H004 and H005): the names of hosts, subscribers and orders, the
// three key pairs of a subscriber with their certificates, and the return codes
// with their meaning for the order in hand.
//
// The client is in ebics/client, the bank's side of the wire in ebics/server, the
// letters that carry the hashes of keys to the bank in ebics/letter.
package ebics

import (
	"fmt"
	"strings"
)

// HostID names a bank's EBICS host; at most 35 characters (HostIDType).
type HostID string

// PartnerID names a customer of a bank; [a-zA-Z0-9,=]{1,35} (PartnerIDType).
type PartnerID string

// UserID names a subscriber of a customer; [a-zA-Z0-9,=]{1,35} (UserIDType).
type UserID string

// OrderType is the three characters that say what an order is, such as CCT or
// C53; [A-Z0-9]{3} (OrderTBaseType).
type OrderType string

// OrderID is the number the bank gives an uploaded order; [A-Z][A-Z0-9]{3}
// (OrderIDType). It is unique per partner and order type only for a while.
type OrderID string

// The order types of key management, the uploads, and the downloads of a contact.
const (
	INI OrderType = "INI" // sends the signature key
	HIA OrderType = "HIA" // sends the authentication and encryption keys
	HPB OrderType = "HPB" // fetches the bank's public keys
	CCT OrderType = "CCT" // uploads a SEPA credit transfer, pain.001
	CDD OrderType = "CDD" // uploads a SEPA direct debit of the scheme CORE, pain.008
	CDB OrderType = "CDB" // uploads a SEPA direct debit of the scheme B2B, pain.008
	HAC OrderType = "HAC" // fetches the customer protocol, pain.002
	CRZ OrderType = "CRZ" // fetches payment status reports on credit transfers, ZIP of pain.002
	CDZ OrderType = "CDZ" // fetches payment status reports on direct debits, ZIP of pain.002
	C53 OrderType = "C53" // fetches statements, ZIP of camt.053
	HTD OrderType = "HTD" // fetches what customer and user may do
	HKD OrderType = "HKD" // fetches what the customer and all its users may do
	HPD OrderType = "HPD" // fetches the bank's parameters
	HAA OrderType = "HAA" // fetches which order types have data ready
	PTK OrderType = "PTK" // fetches the customer protocol as text
	FUL OrderType = "FUL" // uploads a file of a named format (H003, H004)
	FDL OrderType = "FDL" // fetches a file of a named format (H003, H004)
	BTU OrderType = "BTU" // uploads what a BTF names (H005)
	BTD OrderType = "BTD" // fetches what a BTF names (H005)
)

// The order types of a contact's later life: other keys, and the end.
const (
	H3K OrderType = "H3K" // sends all three keys as certificates of an authority; no letter
	PUB OrderType = "PUB" // replaces the signature key
	HCA OrderType = "HCA" // replaces the authentication and encryption keys
	HCS OrderType = "HCS" // replaces all three keys
	SPR OrderType = "SPR" // suspends the subscriber
)

// The order types of the distributed electronic signature (VEU).
const (
	HVU OrderType = "HVU" // lists the orders that wait for signatures
	HVZ OrderType = "HVZ" // the same with digests and sums
	HVD OrderType = "HVD" // fetches the state of one of them
	HVT OrderType = "HVT" // fetches its transactions, or its file
	HVE OrderType = "HVE" // signs it
	HVS OrderType = "HVS" // cancels it
)

// The order attributes that ebicsRequest knows (H004 OrderAttributeType). Their
// first letter says what the order carries: O data and signature, D data only,
// U signatures only.
const (
	AttributeOrder    = "OZHNN" // data with order signature; without enough signatures it waits in the VEU
	AttributeData     = "DZHNN" // data, released outside EBICS; every download
	AttributeSigned   = "UZHNN" // signatures for an order that the bank has
	AttributeUnsigned = "DZNNN" // INI, HIA and H3K: compressed, not encrypted
)

// Subscriber is who an order comes from: a user of a partner.
type Subscriber struct {
	Partner PartnerID
	User    UserID
}

// String returns "partner/user".
func (s Subscriber) String() string { return string(s.Partner) + "/" + string(s.User) }

// ParseHostID accepts 1 to 35 printable ASCII characters without blanks and
// without the characters that XML escapes. The schema allows more; no bank
// uses it.
func ParseHostID(text string) (HostID, error) {
	if text == "" || len(text) > 35 || strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`<>&"'`, r)
	}) {
		return "", fmt.Errorf("host id %q: want 1 to 35 printable characters", clip(text))
	}
	return HostID(text), nil
}

// ParsePartnerID accepts [a-zA-Z0-9,=]{1,35}.
func ParsePartnerID(text string) (PartnerID, error) {
	if !idPattern(text) {
		return "", fmt.Errorf("partner id %q: want [a-zA-Z0-9,=]{1,35}", clip(text))
	}
	return PartnerID(text), nil
}

// ParseUserID accepts [a-zA-Z0-9,=]{1,35}.
func ParseUserID(text string) (UserID, error) {
	if !idPattern(text) {
		return "", fmt.Errorf("user id %q: want [a-zA-Z0-9,=]{1,35}", clip(text))
	}
	return UserID(text), nil
}

// ParseOrderType accepts [A-Z0-9]{3}.
func ParseOrderType(text string) (OrderType, error) {
	if len(text) != 3 || strings.ContainsFunc(text, notUpperOrDigit) {
		return "", fmt.Errorf("order type %q: want [A-Z0-9]{3}", clip(text))
	}
	return OrderType(text), nil
}

// ParseOrderID accepts [A-Z][A-Z0-9]{3}.
func ParseOrderID(text string) (OrderID, error) {
	if len(text) != 4 || text[0] < 'A' || text[0] > 'Z' || strings.ContainsFunc(text, notUpperOrDigit) {
		return "", fmt.Errorf("order id %q: want [A-Z][A-Z0-9]{3}", clip(text))
	}
	return OrderID(text), nil
}

func idPattern(text string) bool {
	return text != "" && len(text) <= 35 && !strings.ContainsFunc(text, func(r rune) bool {
		lower := r >= 'a' && r <= 'z'
		return !lower && notUpperOrDigit(r) && r != ',' && r != '='
	})
}

func notUpperOrDigit(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// clip shortens foreign text for an error message.
func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}
