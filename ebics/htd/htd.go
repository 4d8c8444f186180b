// Package htd reads what a bank says about itself and a customer: who may do what
// (the order data of HTD for one user and of HKD for all users of the customer),
// its parameters (HPD), and what is ready to be fetched (HAA); in H003, H004 and
// H005 (ebics_orders_H00x.xsd).
package htd

import (
	"errors"
	"slices"

	"kontor/ebics"
)

// ErrNotHTD says that a document is well-formed XML but neither HTD nor HKD.
var ErrNotHTD = errors.New("no HTDResponseOrderData or HKDResponseOrderData")

// Data is one delivery. Texts are as written, without blanks around them.
type Data struct {
	Partner Partner
	Users   []User // one in HTD
}

// Partner is the customer: its accounts and the orders agreed with it.
type Partner struct {
	Name     string // AddressInfo/Name
	Host     ebics.HostID
	Accounts []Account
	Orders   []Order
}

// Account is an account that the customer reaches. What a bank does not tell is
// empty; a service bureau may have no account at all.
type Account struct {
	ID          string // referred to by permissions
	Currency    string
	Description string
	IBAN        string // AccountNumber, international; not checked
	Number      string // AccountNumber, national, or else NationalAccountNumber
	BIC         string // BankCode, international; not checked
	BankCode    string // BankCode, national, or else NationalBankCode
	Holder      string
	Orders      []ebics.OrderType // UsageOrderTypes; nil = all
	Services    []ebics.BTF       // likewise, in H005
}

// Order is an order type agreed with the customer.
type Order struct {
	Type        ebics.OrderType
	Service     *ebics.BTF // of BTU and BTD, in H005
	FileFormat  string     // of FUL and FDL; "" for others
	Transfer    string     // Upload or Download; in H005, which does not say, by BTU and BTD, else ""
	Description string
	// Signatures is NumSigRequired: how many order signatures release an order. 0
	// is none or not said: it is released outside EBICS.
	Signatures int
}

// User is a subscriber and what they may do.
type User struct {
	ID          ebics.UserID
	Name        string
	Status      string // 1 = ready; see UserStatusType
	Permissions []Permission
}

// Permission allows order types to a user.
type Permission struct {
	Orders     []ebics.OrderType
	Service    *ebics.BTF // of BTU and BTD, in H005
	FileFormat string     // of FUL and FDL; "" for others
	Level      string     // AuthorisationLevel: E, A, B or T; "" where no signature is meant
	AccountID  string     // of Account; "" = all
	MaxAmount  string     // as written; "" = no limit
	Currency   string     // of MaxAmount
}

// User returns a user of the data.
func (d Data) User(id ebics.UserID) (User, bool) {
	at := slices.IndexFunc(d.Users, func(u User) bool { return u.ID == id })
	if at < 0 {
		return User{}, false
	}
	return d.Users[at], true
}

// Permits says whether the user may use an order type, and with which signature
// class: the first that a permission names for it, "" if none does. It does not
// look at accounts, amounts and file formats.
func (u User) Permits(t ebics.OrderType) (level string, permitted bool) {
	for _, p := range u.Permissions {
		if slices.Contains(p.Orders, t) {
			if p.Level != "" {
				return p.Level, true
			}
			permitted = true
		}
	}
	return "", permitted
}

// PermitsService says whether the user may use a service with BTU or BTD, and with
// which signature class, as Permits does. Every part must be the same.
func (u User) PermitsService(t ebics.OrderType, s ebics.BTF) (level string, permitted bool) {
	for _, p := range u.Permissions {
		if p.Service != nil && *p.Service == s && slices.Contains(p.Orders, t) {
			if p.Level != "" {
				return p.Level, true
			}
			permitted = true
		}
	}
	return "", permitted
}

// Order returns what is agreed about an order type: the first entry, if a type
// stands there with several file formats.
func (p Partner) Order(t ebics.OrderType) (Order, bool) {
	at := slices.IndexFunc(p.Orders, func(o Order) bool { return o.Type == t })
	if at < 0 {
		return Order{}, false
	}
	return p.Orders[at], true
}
