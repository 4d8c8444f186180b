package bank

import (
	"context"
	"encoding/xml"
	"fmt"
	"slices"

	"kontor/ebics"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// htdOrder is the order type that tells customer and user what they may do.
const htdOrder ebics.OrderType = "HTD"

// statusReady is the user status "ready" of EBICS.
const statusReady = 1

// htd is HTDResponseOrderData of H004 as far as this bank fills it.
type htd struct {
	XMLName xml.Name   `xml:"urn:org:ebics:H004 HTDResponseOrderData"`
	Partner htdPartner `xml:"PartnerInfo"`
	User    htdUser    `xml:"UserInfo"`
}

type htdPartner struct {
	Name     string       `xml:"AddressInfo>Name"`
	Host     ebics.HostID `xml:"BankInfo>HostID"`
	Accounts []htdAccount `xml:"AccountInfo"`
	Orders   []htdOrderInfo
}

type htdAccount struct {
	ID       string    `xml:"ID,attr"`
	Currency string    `xml:"Currency,attr"`
	Number   htdNumber `xml:"AccountNumber"`
	Bank     htdNumber `xml:"BankCode"`
	Holder   string    `xml:"AccountHolder"`
	Usage    string    `xml:"UsageOrderTypes"`
}

type htdNumber struct {
	International bool   `xml:"international,attr"`
	Value         string `xml:",chardata"`
}

type htdOrderInfo struct {
	XMLName     xml.Name        `xml:"OrderInfo"`
	Type        ebics.OrderType `xml:"OrderType"`
	Transfer    string          `xml:"TransferType"`
	Description string          `xml:"Description"`
	Signatures  *int            `xml:"NumSigRequired"`
}

type htdUser struct {
	ID struct {
		Status int          `xml:"Status,attr"`
		Value  ebics.UserID `xml:",chardata"`
	} `xml:"UserID"`
	Permissions []htdPermission `xml:"Permission"`
}

type htdPermission struct {
	Level veu.Class `xml:"AuthorisationLevel,attr,omitempty"`
	Types string    `xml:"OrderTypes"`
}

// customerData writes HTD for a user: the accounts the partner holds or
// submits for, the order types, and the user's signature class.
func (b *bank) customerData(ctx context.Context, tx *books.Tx, s ebics.Subscriber) ([]byte, error) {
	user, found, err := tx.User(ctx, s)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("customer data of %s: %w", s, books.ErrConflict)
	}
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	two := 2
	data := htd{Partner: htdPartner{Name: string(s.Partner), Host: b.host, Orders: []htdOrderInfo{
		{Type: ebics.CCT, Transfer: "Upload", Description: "SEPA credit transfer, pain.001", Signatures: &two},
		{Type: ebics.HAC, Transfer: "Download", Description: "Customer protocol"},
		{Type: ebics.CRZ, Transfer: "Download", Description: "Payment status reports, ZIP of pain.002"},
		{Type: ebics.C53, Transfer: "Download", Description: "Statements, ZIP of camt.053"},
		{Type: htdOrder, Transfer: "Download", Description: "Customer and user data"},
	}}}
	for _, a := range accounts {
		if a.Holder != s.Partner && !slices.Contains(a.Bureaus, s.Partner) {
			continue
		}
		data.Partner.Accounts = append(data.Partner.Accounts, htdAccount{
			ID: string(a.IBAN), Currency: string(a.Balance.Currency), Number: htdNumber{true, string(a.IBAN)}, Bank: htdNumber{true, bankBIC},
			Holder: a.Owner, Usage: "CCT C53",
		})
	}
	data.User.ID.Status, data.User.ID.Value = statusReady, user.User
	data.User.Permissions = []htdPermission{{Level: user.Class, Types: "CCT"}, {Types: "HAC CRZ C53 HTD"}}
	text, err := xml.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("customer data: %w", err)
	}
	return append([]byte(xml.Header), text...), nil
}
