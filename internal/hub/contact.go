package hub

import (
	"encoding/hex"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Secret is bytes that must not be printed: every way of printing it shows [redacted].
type Secret []byte

const redacted = "[redacted]"

// String hides the secret.
func (Secret) String() string { return redacted }

// GoString hides the secret.
func (Secret) GoString() string { return redacted }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Bank is a bank's EBICS server as the operator set it up.
type Bank struct {
	ID      BankID
	Name    string
	URL     string // https, or http on loopback only
	HostID  string
	CA      string // PEM of the authority that signed the server's certificate; "" means the system's
	Profile BankProfile
	Created time.Time
}

// BankProfile is what differs from bank to bank. Zero values are the defaults named at each field.
type BankProfile struct {
	UploadAttributes   Attributes `json:"uploadAttributes,omitempty"`   // order attribute by order type, which H005 says as SignatureFlag; what is not named is OZHNN
	SignatureVersion   string     `json:"signatureVersion,omitempty"`   // order signatures of new contacts: A005 or A006; "" = A006
	MasterOrder        string     `json:"masterOrder,omitempty"`        // what tells a contact's permitted orders and accounts; "" = HTD; "-" = the bank has none
	ProtocolOrder      string     `json:"protocolOrder,omitempty"`      // customer protocol; "" = HAC
	StatusOrders       []string   `json:"statusOrders,omitempty"`       // pain.002 order types; empty = CRZ, and CDZ where the bank says it permits it; ["-"] = the bank has none
	StatementOrders    []string   `json:"statementOrders,omitempty"`    // statement order types; empty = C53
	ConfirmingStatuses []string   `json:"confirmingStatuses,omitempty"` // ISO statuses beyond ACSC and ACCC that this bank means as final (ACCP, ACSP, ACWC)
	ProtocolVersion    string     `json:"protocolVersion,omitempty"`    // of EBICS: H003, H004 or H005; "" = H004
	BankDigest         string     `json:"bankDigest,omitempty"`         // by which requests name the bank's keys: key or certificate; "" = as Ways say, else by version
	Ways               string     `json:"ways,omitempty"`               // id of a profile of kontor/ebics/banks that names orders; "" = the generic one
	Pins               []string   `json:"pins,omitempty"`               // SHA-256 of public keys (SubjectPublicKeyInfo), in lower-case hex, one of which the TLS certificate's chain must have; none = any
}

// Attributes are order attributes of H003 and H004 by order type.
type Attributes map[string]string

// The attributes of payment uploads.
const (
	AttributeOZHNN = "OZHNN" // the order waits for the account holder's signatures (VEU)
	AttributeDZHNN = "DZHNN" // released outside EBICS: accompanying note, bank portal
)

// Attribute returns the order attribute of uploads of an order type.
func (p BankProfile) Attribute(orderType string) string {
	if a := p.UploadAttributes[orderType]; a != "" {
		return a
	}
	return AttributeOZHNN
}

// Signature returns the version of order signatures of new contacts.
func (p BankProfile) Signature() string {
	if p.SignatureVersion == "" {
		return "A006"
	}
	return p.SignatureVersion
}

// The versions of EBICS that are spoken.
const (
	VersionH003 = "H003"
	VersionH004 = "H004"
	VersionH005 = "H005"
)

// Version returns the version of EBICS that is spoken with the bank.
func (p BankProfile) Version() string {
	if p.ProtocolVersion == "" {
		return VersionH004
	}
	return p.ProtocolVersion
}

// Master returns the order type that tells what a contact may do; "" = none.
func (p BankProfile) Master() string {
	switch p.MasterOrder {
	case "":
		return "HTD"
	case "-":
		return ""
	}
	return p.MasterOrder
}

// Validate says what a profile must not say.
func (p BankProfile) Validate() error {
	for orderType, a := range p.UploadAttributes {
		if !slices.Contains(UploadOrders(), orderType) {
			return Errorf(CodeInvalid, "%q is no order type that is uploaded: %s", orderType, strings.Join(UploadOrders(), ", "))
		}
		if a != AttributeOZHNN && a != AttributeDZHNN {
			return Errorf(CodeInvalid, "the attribute of %s is OZHNN or DZHNN, not %q", orderType, a)
		}
	}
	if s := p.Signature(); s != "A005" && s != "A006" {
		return Errorf(CodeInvalid, "order signatures are of version A005 or A006, not %q", s)
	}
	if err := p.validateWire(); err != nil {
		return err
	}
	for _, s := range p.ConfirmingStatuses {
		if s != "ACCP" && s != "ACSP" && s != "ACWC" {
			return Errorf(CodeInvalid, "a profile may let ACCP, ACSP and ACWC confirm execution, not %q", s)
		}
	}
	lists := [][]string{p.Statuses(), p.Statements(), {p.Protocol()}}
	if m := p.Master(); m != "" {
		lists = append(lists, []string{m})
	}
	for _, list := range lists {
		for _, orderType := range list {
			if len(orderType) != 3 {
				return Errorf(CodeInvalid, "%q is no order type: it has three letters or digits", orderType)
			}
		}
	}
	return nil
}

// maxPins is how many keys may be pinned: the present one and a few to come.
const maxPins = 8

// validateWire says what a profile must not say of version, digests and pins. Whether its ways exist is for onboard to know.
func (p BankProfile) validateWire() error {
	if !slices.Contains([]string{VersionH003, VersionH004, VersionH005}, p.Version()) {
		return Errorf(CodeInvalid, "the version of EBICS is H003, H004 or H005, not %q", p.ProtocolVersion)
	}
	if !slices.Contains([]string{"", "key", "certificate"}, p.BankDigest) {
		return Errorf(CodeInvalid, "the bank's keys are named by the digest of the key or of the certificate, not %q", p.BankDigest)
	}
	if p.BankDigest == "certificate" && p.Version() != VersionH005 {
		return Errorf(CodeInvalid, "a bank's keys come in certificates in H005 only, so that they have no such digest in %s", p.Version())
	}
	if len(p.Pins) > maxPins {
		return Errorf(CodeInvalid, "at most %d keys can be pinned", maxPins)
	}
	for _, pin := range p.Pins {
		if raw, err := hex.DecodeString(pin); err != nil || len(raw) != 32 || pin != strings.ToLower(pin) {
			return Errorf(CodeInvalid, "%q pins no key: want a SHA-256 in 64 lower-case hexadecimal digits", pin)
		}
	}
	return nil
}

// The order types of uploads.
const (
	OrderCreditTransfer  = "CCT"
	OrderDirectDebitCore = "CDD"
	OrderDirectDebitB2B  = "CDB"
)

// UploadOrders lists the order types of uploads.
func UploadOrders() []string {
	return []string{OrderCreditTransfer, OrderDirectDebitCore, OrderDirectDebitB2B}
}

// Protocol returns the order type of the customer protocol.
func (p BankProfile) Protocol() string {
	if p.ProtocolOrder == "" {
		return "HAC"
	}
	return p.ProtocolOrder
}

// Statuses returns the order types that deliver payment status reports.
func (p BankProfile) Statuses() []string {
	switch {
	case len(p.StatusOrders) == 0:
		return []string{"CRZ", "CDZ"}
	case p.StatusOrders[0] == "-":
		return nil
	}
	return p.StatusOrders
}

// Presumed says whether an order type is asked for only because most banks have it, so that a bank that does not permit it need not hear of it:
// reports on direct debits, unless the profile names them.
func (p BankProfile) Presumed(orderType string) bool {
	return orderType == "CDZ" && len(p.StatusOrders) == 0
}

// Statements returns the order types that deliver statements.
func (p BankProfile) Statements() []string {
	if len(p.StatementOrders) == 0 {
		return []string{"C53"}
	}
	return p.StatementOrders
}

// ContactState tells how far the key ceremony with the bank has come, and who acts next.
type ContactState string

// The states of a contact.
const (
	ContactNew         ContactState = "new"          // keys made; we send INI and HIA
	ContactInitialised ContactState = "initialised"  // INI and HIA are in; a person sends the letter, the bank activates
	ContactKeysFetched ContactState = "keys_fetched" // HPB answered; a person compares the bank's key hashes
	ContactReady       ContactState = "ready"        // orders may be sent and fetched
)

// Contact is one subscriber of a bank: partner, user and keys. It belongs to the operator (service bureau) or to one tenant.
type Contact struct {
	ID        ContactID
	Owner     Owner
	Bank      BankID
	PartnerID string
	UserID    string
	State     ContactState
	Keys      Secret      // the subscriber's key pairs as ebics.SubscriberKeys marshals them
	BankKeys  []byte      // the bank's public keys as ebics.BankPublicKeys marshals them; nil before HPB
	Master    *MasterData // what the bank lets the contact do; nil as long as it has not told
	Created   time.Time
	Updated   time.Time
}

// NewContact says which contact to add.
type NewContact struct {
	Owner     Owner // Operator (service bureau, the default) or a tenant's
	Bank      BankID
	PartnerID string
	UserID    string
	Signature string // version of its order signatures, A005 or A006; "" = that of the bank's profile
}

// PollKind says what a bank is asked for, each with an interval of its own.
type PollKind string

// The kinds of poll.
const (
	PollProtocol  PollKind = "protocol"  // HAC
	PollStatus    PollKind = "status"    // pain.002
	PollStatement PollKind = "statement" // camt
	PollMaster    PollKind = "master"    // HTD
)

// Poll is when a contact asks its bank for an order type next.
type Poll struct {
	Contact    ContactID
	OrderType  string
	Kind       PollKind
	Next       time.Time
	Last       time.Time
	LastResult string // PollData, PollNothing, or a coded failure; every run has one. PollForced before a run
	Succeeded  time.Time
}

// Results of a poll that the bank answered.
const (
	PollData    = "data"
	PollNothing = "nothing"
)

// PollForced stands in the place of a result while a person has the bank asked for what it does not permit, until it has answered.
const PollForced = "forced"
