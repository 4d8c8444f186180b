// Package veu holds the orders of the distributed electronic signature (VEU; EDS in
// EBICS 3.0): which orders wait for whose signatures (HVU, HVZ), what is in them
// (HVD, HVT), and how one of them is named when it is signed (HVE) or cancelled
// (HVS). It reads and writes the order data of those order types in H003, H004
// and H005; the wire is in ebics/client and ebics/server.
package veu

import (
	"errors"
	"io"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
)

// Reference names one order that waits. Partner is the one under whom it was
// submitted, which for orders of a service bureau is the bureau's, not the
// signer's. H003 and H004 name its type, H005 its service.
type Reference struct {
	Partner    ebics.PartnerID   `json:"partner"`
	OrderID    ebics.OrderID     `json:"orderId"`
	Type       ebics.OrderType   `json:"type,omitempty"`
	FileFormat *ebics.FileFormat `json:"fileFormat,omitempty"` // H004, of FUL
	Service    *ebics.BTF        `json:"service,omitempty"`
}

// Check wants what the version needs to name the order.
func (r Reference) Check(v ebics.Version) error {
	if _, err := ebics.ParsePartnerID(string(r.Partner)); err != nil {
		return err
	}
	if _, err := ebics.ParseOrderID(string(r.OrderID)); err != nil {
		return err
	}
	if v.Classic() {
		_, err := ebics.ParseOrderType(string(r.Type))
		return err
	}
	if r.Service == nil {
		return errors.New("H005 names orders in the VEU by their service")
	}
	return r.Service.Check()
}

// Filter limits HVU and HVZ to some orders; empty means all. The version uses one
// of the two lists.
type Filter struct {
	Types    []ebics.OrderType
	Services []ebics.BTF // any part may be left out
}

// Window is what HVT asks for: the whole file, or Limit transactions from the
// Offset-th on, counted from 0; Limit 0 is all.
type Window struct {
	Complete      bool
	Limit, Offset int
}

// Digest hashes order data as its order signature does: SHA-256 without CR, LF
// and Ctrl-Z. Whoever signs an order that others submitted fetches its file
// (Window.Complete), and compares this with the digest that the bank names.
func Digest(data io.Reader) (digest [32]byte, err error) {
	hash := crypto.NewOrderHash()
	if _, err := io.Copy(hash, data); err != nil {
		return digest, err
	}
	return hash.Normalised(), nil
}

// Order is an entry of HVU or HVZ. What HVU does not tell is zero; see Detailed.
type Order struct {
	Reference
	DataSize          int64 // bytes of the order data, uncompressed
	Signing           Signing
	Signers           []Signer
	Originator        Person
	AdditionalInfo    string // H005
	Detailed          bool   // an entry of HVZ: the fields below are told
	Digest            []byte // of the order data, 32 bytes for A005 and A006
	SignatureVersion  string // A005 or A006; "" if the bank does not say
	DataAvailable     bool   // HVT with Window.Complete answers
	DetailsAvailable  bool   // HVT answers
	Transactions      int    // TotalOrders; -1 if not told
	Total             string // TotalAmount as written; "" if not told
	TotalCredit       *bool  // isCredit; nil if not told
	Currency          string // ISO 4217; "" if not told, or several
	FirstParty        string // FirstOrderInfo: orderer or counterparty of the first transaction
	FirstAccount      Account
	FirstAccountKnown bool
}

// Signing is how far an order's signatures are.
type Signing struct {
	Ready    bool // the one who asks may sign now
	Required int  // NumSigRequired
	Done     int  // NumSigDone
}

// Person is a subscriber who did something at some time.
type Person struct {
	ebics.Subscriber
	Name string
	At   time.Time
}

// Signer is who has signed, with the class of the signature: E, A, B or T.
type Signer struct {
	Person
	Class string
}

// Account is an account with its bank, as the bank writes it; IBAN and BIC are
// the international forms. Role is that of an account in HVT: Originator,
// Recipient, Charges or Other.
type Account struct {
	Role                                string
	IBAN, Number, BIC, BankCode, Holder string
	Currency, Description               string
}

// Details is the answer to HVD.
type Details struct {
	Digest           []byte
	SignatureVersion string
	Display          []byte // the bank's summary as text, usually ISO-8859-1
	DataAvailable    bool
	DataSize         int64
	DetailsAvailable bool
	Signers          []Signer
}

// Transactions is the answer to HVT without Window.Complete.
type Transactions struct {
	Total int // in the order, also beyond the window
	List  []Transaction
}

// Transaction is one payment of an order, as far as the bank tells.
type Transaction struct {
	Format        string // OrderFormat of H004, MsgName of H005
	Accounts      []Account
	ExecutionDate string // xs:date, or ""
	Amount        string // as written
	Credit        *bool  // isCredit; nil if not told
	Currency      string
	Descriptions  []Description
}

// Description is a text of a transaction; Type is Purpose, Details or Comment.
type Description struct{ Type, Text string }
