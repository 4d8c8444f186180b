// Package htd reads what a bank says a customer and a user may do: the order data
// of the EBICS order types HTD (one user) and HKD (all users of the customer),
// HTDResponseOrderData and HKDResponseOrderData of H004 (ebics_orders_H004.xsd).
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
}

// Order is an order type agreed with the customer.
type Order struct {
	Type        ebics.OrderType
	FileFormat  string // of FUL and FDL; "" for others
	Transfer    string // Upload or Download
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
	FileFormat string // of FUL and FDL; "" for others
	Level      string // AuthorisationLevel: E, A, B or T; "" where no signature is meant
	AccountID  string // of Account; "" = all
	MaxAmount  string // as written; "" = no limit
	Currency   string // of MaxAmount
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

// Order returns what is agreed about an order type: the first entry, if a type
// stands there with several file formats.
func (p Partner) Order(t ebics.OrderType) (Order, bool) {
	at := slices.IndexFunc(p.Orders, func(o Order) bool { return o.Type == t })
	if at < 0 {
		return Order{}, false
	}
	return p.Orders[at], true
}
