package bank

import (
	"context"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kontor/ebics"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// downloads are the order types that this bank offers.
var downloads = []ebics.OrderType{ebics.HAC, ebics.CRZ, ebics.CDZ, ebics.C53, ebics.HTD}

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
	Level   veu.Class `xml:"AuthorisationLevel,attr,omitempty"`
	Types   string    `xml:"OrderTypes"`
	Account string    `xml:"AccountID,omitempty"`
}

// customerData writes HTD for a user: the accounts that the partner holds or
// submits for, the order types with the signatures they need, and what the user
// may do: upload, on each account and with which class, and download.
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
	withdrawn, err := tx.Withdrawn(ctx, s)
	if err != nil {
		return nil, err
	}
	data := htd{Partner: htdPartner{Name: string(s.Partner), Host: b.host}}
	if data.Partner.Orders, err = orderInfos(ctx, tx, s.Partner); err != nil {
		return nil, err
	}
	data.User.ID.Status, data.User.ID.Value = statusReady, user.User
	sends := orderList(slices.Sorted(maps.Keys(uploads)), withdrawn)
	for _, a := range accounts {
		if a.Holder != s.Partner && !slices.Contains(a.Bureaus, s.Partner) {
			continue
		}
		data.Partner.Accounts = append(data.Partner.Accounts, htdAccount{
			ID: string(a.IBAN), Currency: string(a.Balance.Currency), Number: htdNumber{true, string(a.IBAN)}, Bank: htdNumber{true, bankBIC},
			Holder: a.Owner, Usage: orderList(append(slices.Sorted(maps.Keys(uploads)), ebics.C53), nil),
		})
		if sends != "" {
			data.User.Permissions = append(data.User.Permissions, htdPermission{Level: user.Class, Types: sends, Account: string(a.IBAN)})
		}
	}
	if sends != "" && len(data.Partner.Accounts) == 0 { // its accounts may come later
		data.User.Permissions = append(data.User.Permissions, htdPermission{Level: user.Class, Types: sends})
	}
	data.User.Permissions = append(data.User.Permissions, htdPermission{Types: orderList(downloads, withdrawn)})
	text, err := xml.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("customer data: %w", err)
	}
	return append([]byte(xml.Header), text...), nil
}

// signaturesRequired is what the rule of package veu needs at most.
const signaturesRequired = 2

// orderInfos lists what the bank has. Orders that are released outside EBICS
// need no signature.
func orderInfos(ctx context.Context, tx *books.Tx, partner ebics.PartnerID) (infos []htdOrderInfo, err error) {
	for _, o := range slices.Sorted(maps.Keys(uploads)) {
		agreed, err := tx.Agreement(ctx, partner, o)
		if err != nil {
			return nil, err
		}
		required := 0
		if agreed == ebics.AttributeOrder {
			required = signaturesRequired
		}
		infos = append(infos, htdOrderInfo{Type: o, Transfer: "Upload", Description: uploads[o].what, Signatures: &required})
	}
	return append(infos,
		htdOrderInfo{Type: ebics.HAC, Transfer: "Download", Description: "Customer protocol"},
		htdOrderInfo{Type: ebics.CRZ, Transfer: "Download", Description: "Status reports on credit transfers, ZIP of pain.002"},
		htdOrderInfo{Type: ebics.CDZ, Transfer: "Download", Description: "Status reports on direct debits, ZIP of pain.002"},
		htdOrderInfo{Type: ebics.C53, Transfer: "Download", Description: "Statements, ZIP of camt.053"},
		htdOrderInfo{Type: ebics.HTD, Transfer: "Download", Description: "Customer and user data"},
	), nil
}

// orderList joins order types without those that were withdrawn.
func orderList(orders, withdrawn []ebics.OrderType) string {
	var left []string
	for _, o := range orders {
		if !slices.Contains(withdrawn, o) {
			left = append(left, string(o))
		}
	}
	return strings.Join(left, " ")
}
