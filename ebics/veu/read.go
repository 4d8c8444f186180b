package veu

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/tree"
)

// Limits of the documents that are read. A folder of thousands of orders, or a
// page of as many transactions, stays far below.
const (
	MaxBytes = 32 << 20
	maxNodes = 1_000_000
)

// ErrNotVEU says that order data is well-formed XML but not that of the order type.
var ErrNotVEU = errors.New("not the order data of the VEU order type")

func parse(r io.Reader, roots ...string) (*tree.Node, ebics.Version, error) {
	root, namespace, err := tree.Parse(r, tree.Limits{Bytes: MaxBytes, Nodes: maxNodes})
	if err != nil {
		return nil, "", fmt.Errorf("reading VEU data: %w", err)
	}
	var version ebics.Version
	for v, space := range namespaces {
		if space == namespace {
			version = v
		}
	}
	for _, name := range roots {
		if root.Local == name && version != "" {
			return root, version, nil
		}
	}
	return nil, "", ErrNotVEU
}

// ReadOrders reads the answer to HVU or HVZ. It is lenient on content: what a bank
// does not tell stays empty.
//
// Errors: ErrNotVEU, *xmlscan.SyntaxError, tree.ErrTooLarge.
func ReadOrders(r io.Reader) ([]Order, error) {
	root, version, err := parse(r, "HVUResponseOrderData", "HVZResponseOrderData")
	if err != nil {
		return nil, err
	}
	detailed := root.Local == "HVZResponseOrderData"
	var orders []Order
	for _, n := range root.All("OrderDetails") {
		orders = append(orders, readOrder(n, version, detailed))
	}
	return orders, nil
}

func readOrder(n *tree.Node, v ebics.Version, detailed bool) Order {
	o := Order{
		DataSize: number(n.Value("OrderDataSize")), AdditionalInfo: n.Value("AdditionalOrderInfo"), Detailed: detailed, Transactions: -1,
		Signers: readSigners(n), Originator: readPerson(n.Child("OriginatorInfo")),
	}
	o.OrderID = ebics.OrderID(n.Value("OrderID"))
	// The order is named by the partner under whom it was submitted.
	o.Partner = o.Originator.Partner
	if v.Classic() {
		o.Type = ebics.OrderType(n.Value("OrderType"))
		if f := n.Child("FileFormat"); f != nil {
			o.FileFormat = &ebics.FileFormat{Country: f.Attr("CountryCode"), Name: f.Text()}
		}
	} else if s := n.Child("Service"); s != nil {
		service := s.BTF()
		o.Service = &service
	}
	signing := n.Child("SigningInfo")
	o.Signing = Signing{
		Ready: tree.Bool(signing.Attr("readyToBeSigned")), Required: int(number(signing.Attr("NumSigRequired"))), Done: int(number(signing.Attr("NumSigDone"))),
	}
	if !detailed {
		return o
	}
	o.Digest, o.SignatureVersion = readDigest(n.Child("DataDigest"))
	o.DataAvailable, o.DetailsAvailable = tree.Bool(n.Value("OrderDataAvailable")), tree.Bool(n.Value("OrderDetailsAvailable"))
	if total := n.Child("TotalOrders"); total != nil {
		o.Transactions = int(number(total.Text()))
	}
	o.Total, o.TotalCredit, o.Currency = n.Value("TotalAmount"), credit(n.Child("TotalAmount")), n.Value("Currency")
	first := n.Child("FirstOrderInfo")
	o.FirstParty = first.Value("OrderPartyInfo")
	if account := first.Child("AccountInfo"); account != nil {
		o.FirstAccount, o.FirstAccountKnown = readAccount(account), true
	}
	return o
}

func readDigest(n *tree.Node) (digest []byte, version string) {
	digest, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Text()), ""))
	if err != nil {
		return nil, n.Attr("SignatureVersion") // no digest that anything equals
	}
	return digest, n.Attr("SignatureVersion")
}

func readSigners(n *tree.Node) []Signer {
	var signers []Signer
	for _, s := range n.All("SignerInfo") {
		signers = append(signers, Signer{Person: readPerson(s), Class: s.Child("Permission").Attr("AuthorisationLevel")})
	}
	return signers
}

func readPerson(n *tree.Node) Person {
	p := Person{Name: n.Value("Name")}
	p.Partner, p.User = ebics.PartnerID(n.Value("PartnerID")), ebics.UserID(n.Value("UserID"))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(layout, n.Value("Timestamp")); err == nil {
			p.At = at.UTC()
			break
		}
	}
	return p
}

func readAccount(n *tree.Node) Account {
	a := Account{Currency: n.Attr("Currency"), Description: n.Attr("Description"), Holder: n.Value("AccountHolder")}
	for _, c := range n.All("") {
		switch c.Local {
		case "AccountNumber", "NationalAccountNumber":
			if a.Role == "" {
				a.Role = c.Attr("Role")
			}
			if c.Local == "AccountNumber" && tree.Bool(c.Attr("international")) {
				a.IBAN = c.Text()
			} else if a.Number == "" {
				a.Number = c.Text()
			}
		case "BankCode", "NationalBankCode":
			if c.Local == "BankCode" && tree.Bool(c.Attr("international")) {
				a.BIC = c.Text()
			} else if a.BankCode == "" {
				a.BankCode = c.Text()
			}
		}
	}
	return a
}

// ReadDetails reads the answer to HVD, as ReadOrders does.
func ReadDetails(r io.Reader) (Details, error) {
	root, _, err := parse(r, "HVDResponseOrderData")
	if err != nil {
		return Details{}, err
	}
	d := Details{
		DataAvailable: tree.Bool(root.Value("OrderDataAvailable")), DataSize: number(root.Value("OrderDataSize")),
		DetailsAvailable: tree.Bool(root.Value("OrderDetailsAvailable")), Signers: readSigners(root),
	}
	d.Digest, d.SignatureVersion = readDigest(root.Child("DataDigest"))
	if d.Display, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(root.Value("DisplayFile")), "")); err != nil {
		return Details{}, fmt.Errorf("reading VEU data: DisplayFile is not base64")
	}
	return d, nil
}

// ReadTransactions reads the answer to HVT without the complete file, as ReadOrders
// does.
func ReadTransactions(r io.Reader) (Transactions, error) {
	root, version, err := parse(r, "HVTResponseOrderData")
	if err != nil {
		return Transactions{}, err
	}
	t := Transactions{Total: int(number(root.Value("NumOrderInfos")))}
	for _, n := range root.All("OrderInfo") {
		amount := n.Child("Amount")
		one := Transaction{
			ExecutionDate: n.Value("ExecutionDate"), Amount: amount.Text(), Credit: credit(amount), Currency: amount.Attr("Currency"),
			Format: n.Value("OrderFormat"),
		}
		if !version.Classic() {
			one.Format = n.Value("MsgName")
		}
		for _, a := range n.All("AccountInfo") {
			one.Accounts = append(one.Accounts, readAccount(a))
		}
		for _, d := range n.All("Description") {
			one.Descriptions = append(one.Descriptions, Description{Type: d.Attr("Type"), Text: d.Text()})
		}
		t.List = append(t.List, one)
	}
	return t, nil
}

// number reads a count; what is none counts as 0.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func credit(n *tree.Node) *bool {
	text := n.Attr("isCredit")
	if text == "" {
		return nil
	}
	value := tree.Bool(text)
	return &value
}
