package hub

import (
	"slices"
	"time"
)

// MasterData is what a bank says of a contact: the orders that its user may send and fetch, and the accounts it reaches (EBICS HTD).
type MasterData struct {
	Read     time.Time        `json:"read"`
	Orders   []PermittedOrder `json:"orders"`   // sorted by type
	Accounts []MasterAccount  `json:"accounts"` // as the bank lists them
}

// PermittedOrder is one order type that the user may use.
type PermittedOrder struct {
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
	Upload      bool   `json:"upload,omitempty"`
	Signatures  int    `json:"signatures,omitempty"` // that the bank asks for; 0 = it does not say
	Level       string `json:"level,omitempty"`      // the user's class for it: E, A, B or T
}

// MasterAccount is an account at the bank that the contact reaches.
type MasterAccount struct {
	IBAN     string `json:"iban,omitempty"`
	Number   string `json:"number,omitempty"` // national, where there is no IBAN
	Currency string `json:"currency,omitempty"`
	Holder   string `json:"holder,omitempty"`
}

// Permits says whether the user may use an order type.
func (m MasterData) Permits(orderType string) bool {
	return slices.ContainsFunc(m.Orders, func(o PermittedOrder) bool { return o.Type == orderType })
}

// Permits says whether the bank lets the contact use an order type. As long as the bank has not told, or where it tells nobody, it does.
func (c Contact) Permits(orderType string) bool {
	return c.Master == nil || c.Master.Permits(orderType)
}

// Same says whether two master data say the same, whenever they were read.
func (m MasterData) Same(o MasterData) bool {
	return slices.Equal(m.Orders, o.Orders) && slices.Equal(m.Accounts, o.Accounts)
}
