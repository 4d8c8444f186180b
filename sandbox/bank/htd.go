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
var downloads = []ebics.OrderType{
	ebics.HAC, ebics.CRZ, ebics.CDZ, ebics.C53, ebics.HTD, ebics.HKD, ebics.HPD, ebics.HAA, ebics.HVU, ebics.HVZ, ebics.HVD, ebics.HVT,
}

// userStatus is the state of a user as EBICS numbers it (UserStatusType).
func userStatus(s books.UserState) int {
	switch s {
	case books.Ready:
		return 1
	case books.New:
		return 2
	case books.PartlyINI:
		return 3
	case books.PartlyHIA:
		return 4
	case books.Initialized:
		return 5
	case books.Suspended:
		return 8
	}
	return 2
}

// htd is HTDResponseOrderData, or HKDResponseOrderData, of H003 and H004 as far as
// this bank fills it.
type htd struct {
	XMLName xml.Name
	Partner htdPartner `xml:"PartnerInfo"`
	Users   []htdUser  `xml:"UserInfo"`
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

type htdUserID struct {
	Status int          `xml:"Status,attr"`
	Value  ebics.UserID `xml:",chardata"`
}

type htdUser struct {
	ID          htdUserID       `xml:"UserID"`
	Permissions []htdPermission `xml:"Permission"`
}

type htdPermission struct {
	Level   veu.Class `xml:"AuthorisationLevel,attr,omitempty"`
	Types   string    `xml:"OrderTypes"`
	Account string    `xml:"AccountID,omitempty"`
}

// customerData writes HTD for a user, or HKD for all of the partner: the accounts
// that the partner holds or submits for, the order types with the signatures they
// need, and what each user may do: upload, on each account and with which class,
// and download.
func (b *bank) customerData(ctx context.Context, tx *books.Tx, s ebics.Subscriber, t ebics.OrderType, v ebics.Version) ([]byte, error) {
	users, err := tx.Users(ctx)
	if err != nil {
		return nil, err
	}
	all, err := tx.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	data := htd{XMLName: xml.Name{Space: namespaces[v], Local: string(t) + "ResponseOrderData"}, Partner: htdPartner{Name: string(s.Partner), Host: b.host}}
	if data.Partner.Orders, err = orderInfos(ctx, tx, s.Partner); err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Holder != s.Partner && !slices.Contains(a.Bureaus, s.Partner) {
			continue
		}
		data.Partner.Accounts = append(data.Partner.Accounts, htdAccount{
			ID: string(a.IBAN), Currency: string(a.Balance.Currency), Number: htdNumber{true, string(a.IBAN)}, Bank: htdNumber{true, bankBIC},
			Holder: a.Owner, Usage: orderList(append(slices.Sorted(maps.Keys(uploads)), ebics.C53), nil),
		})
	}
	for _, user := range users {
		if user.Partner != s.Partner || t == ebics.HTD && user.User != s.User {
			continue
		}
		withdrawn, err := tx.Withdrawn(ctx, user.Subscriber)
		if err != nil {
			return nil, err
		}
		data.Users = append(data.Users, userInfo(user, data.Partner.Accounts, withdrawn))
	}
	if len(data.Users) == 0 {
		return nil, fmt.Errorf("customer data of %s: %w", s, books.ErrConflict)
	}
	if v == ebics.H005 {
		return marshal(data.services())
	}
	return marshal(data)
}

func marshal(document any) ([]byte, error) {
	text, err := xml.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("customer data: %w", err)
	}
	return append([]byte(xml.Header), text...), nil
}

// userInfo says what a user may do.
func userInfo(user books.User, accounts []htdAccount, withdrawn []ebics.OrderType) htdUser {
	var info htdUser
	info.ID.Status, info.ID.Value = userStatus(user.State), user.User
	if sends := orderList(slices.Sorted(maps.Keys(uploads)), withdrawn); sends != "" {
		for _, a := range accounts {
			info.Permissions = append(info.Permissions, htdPermission{Level: user.Class, Types: sends, Account: a.ID})
		}
		if len(accounts) == 0 { // they may come later
			info.Permissions = append(info.Permissions, htdPermission{Level: user.Class, Types: sends})
		}
	}
	if user.Class != veu.Transport {
		info.Permissions = append(info.Permissions, htdPermission{Level: user.Class, Types: string(ebics.HVE + " " + ebics.HVS)})
	}
	info.Permissions = append(info.Permissions, htdPermission{Types: orderList(downloads, withdrawn)})
	return info
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
		htdOrderInfo{Type: ebics.HKD, Transfer: "Download", Description: "Customer and all its users"},
		htdOrderInfo{Type: ebics.HPD, Transfer: "Download", Description: "Bank parameters"},
		htdOrderInfo{Type: ebics.HAA, Transfer: "Download", Description: "What can be fetched"},
		htdOrderInfo{Type: ebics.HVU, Transfer: "Download", Description: "Orders that wait for signatures"},
		htdOrderInfo{Type: ebics.HVZ, Transfer: "Download", Description: "Orders that wait for signatures, with digests"},
		htdOrderInfo{Type: ebics.HVD, Transfer: "Download", Description: "State of an order that waits"},
		htdOrderInfo{Type: ebics.HVT, Transfer: "Download", Description: "Transactions of an order that waits"},
		htdOrderInfo{Type: ebics.HVE, Transfer: "Upload", Description: "Signature on an order that waits"},
		htdOrderInfo{Type: ebics.HVS, Transfer: "Upload", Description: "Cancellation of an order that waits"},
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
