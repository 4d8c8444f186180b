package htd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/ebics"
	"kontor/xmlscan"
)

// Limits of what is kept of one delivery. One with more is refused.
const (
	DefaultBytes = 16 << 20 // raw bytes, unless the caller's limits say otherwise
	maxItems     = 20_000   // accounts, orders, users and permissions together
	maxText      = 4_096    // bytes of one value that is read
)

// foreign stands in a path for an element that is not in the namespace of the
// root; EBICS allows such extensions almost everywhere.
const foreign = "*"

// Read reads one delivery. It is strict on XML (*xmlscan.SyntaxError), on the
// root (ErrNotHTD) and on the limits, and lenient on content: unknown elements
// pass, missing values stay empty. Elements are found by their local names, in
// whatever EBICS namespace the root has. A zero l.Bytes means DefaultBytes.
func Read(r io.Reader, l xmlscan.Limits) (Data, error) {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	p := parser{scanner: xmlscan.NewScanner(r, l)}
	for {
		kind, err := p.scanner.Next()
		if errors.Is(err, io.EOF) {
			return p.data, nil
		}
		if err == nil {
			err = p.token(kind)
		}
		if err != nil {
			return Data{}, fmt.Errorf("reading customer data: %w", err)
		}
	}
}

// parser follows one document. path holds the local names of the open elements
// below the root.
type parser struct {
	scanner *xmlscan.Scanner
	space   []byte // namespace of the root
	path    []string
	value   bool // the open element is one whose text is read
	text    []byte
	items   int
	data    Data

	international bool      // of the open AccountNumber or BankCode
	service       ebics.BTF // of the open Service
	account       Account
	order         Order
	user          User
	permission    Permission
}

func (p *parser) token(kind xmlscan.Kind) error {
	switch kind {
	case xmlscan.StartElement:
		if p.scanner.Depth() == 1 {
			return p.root()
		}
		p.start()
	case xmlscan.Text:
		if !p.value {
			return nil
		}
		if p.text = append(p.text, p.scanner.Text()...); len(p.text) > maxText {
			return fmt.Errorf("a text of more than %d bytes in %s", maxText, strings.Join(p.path, "/"))
		}
	case xmlscan.EndElement:
		return p.end()
	case xmlscan.Comment, xmlscan.ProcInst:
	}
	return nil
}

func (p *parser) root() error {
	local := string(p.scanner.Local())
	p.space = bytes.Clone(p.scanner.Space())
	if local != "HTDResponseOrderData" && local != "HKDResponseOrderData" || !bytes.Contains(p.space, []byte("ebics")) {
		return ErrNotHTD
	}
	return nil
}

func (p *parser) start() {
	local := string(p.scanner.Local())
	if !bytes.Equal(p.scanner.Space(), p.space) {
		local = foreign
	}
	p.path = append(p.path, local)
	p.text, p.value = p.text[:0], false
	where := strings.Join(p.path, "/")
	if part, inside := servicePart(where); inside {
		p.startService(part)
		return
	}
	switch where {
	case "PartnerInfo", "PartnerInfo/AddressInfo", "PartnerInfo/BankInfo":
	case "PartnerInfo/AccountInfo":
		p.account = Account{ID: p.attribute("ID"), Currency: p.attribute("Currency"), Description: p.attribute("Description")}
	case "PartnerInfo/OrderInfo":
		p.order = Order{}
	case "UserInfo":
		p.user = User{}
	case "UserInfo/Permission":
		p.permission = Permission{Level: p.attribute("AuthorisationLevel")}
	case "UserInfo/UserID":
		p.user.Status, p.value = p.attribute("Status"), true
	case "UserInfo/Permission/MaxAmount":
		p.permission.Currency, p.value = p.attribute("Currency"), true
	case "PartnerInfo/AccountInfo/AccountNumber", "PartnerInfo/AccountInfo/BankCode":
		international := p.attribute("international")
		p.international, p.value = international == "true" || international == "1", true
	case "PartnerInfo/AddressInfo/Name", "PartnerInfo/BankInfo/HostID",
		"PartnerInfo/AccountInfo/NationalAccountNumber", "PartnerInfo/AccountInfo/NationalBankCode",
		"PartnerInfo/AccountInfo/AccountHolder", "PartnerInfo/AccountInfo/UsageOrderTypes",
		"PartnerInfo/OrderInfo/OrderType", "PartnerInfo/OrderInfo/AdminOrderType", "PartnerInfo/OrderInfo/FileFormat",
		"PartnerInfo/OrderInfo/TransferType", "PartnerInfo/OrderInfo/Description", "PartnerInfo/OrderInfo/NumSigRequired",
		"UserInfo/Name", "UserInfo/Permission/OrderTypes", "UserInfo/Permission/AdminOrderType",
		"UserInfo/Permission/FileFormat", "UserInfo/Permission/AccountID":
		p.value = true
	}
}

// attribute returns an attribute without namespace; with the root's it is wrong,
// but says the same.
func (p *parser) attribute(local string) string {
	for _, a := range p.scanner.Attrs() {
		if string(a.Local) == local && (len(a.Space) == 0 || bytes.Equal(a.Space, p.space)) {
			return strings.TrimSpace(string(a.Value))
		}
	}
	return ""
}

func (p *parser) end() error {
	if len(p.path) == 0 {
		return nil
	}
	where := strings.Join(p.path, "/")
	p.path = p.path[:len(p.path)-1]
	value := strings.TrimSpace(string(p.text))
	p.text, p.value = p.text[:0], false
	if part, inside := servicePart(where); inside {
		return p.endService(where, part, value)
	}
	if where == "UserInfo" {
		p.data.Users = append(p.data.Users, p.user)
		return p.count()
	}
	if rest, ours := strings.CutPrefix(where, "PartnerInfo/AccountInfo/"); ours {
		p.accountValue(rest, value)
		return nil
	}
	if rest, ours := strings.CutPrefix(where, "PartnerInfo/"); ours {
		return p.partnerValue(rest, value)
	}
	if rest, ours := strings.CutPrefix(where, "UserInfo/"); ours {
		return p.userValue(rest, value)
	}
	return nil
}

// partnerValue takes one value below PartnerInfo.
func (p *parser) partnerValue(where, value string) error {
	switch where {
	case "AddressInfo/Name":
		p.data.Partner.Name = value
	case "BankInfo/HostID":
		p.data.Partner.Host = ebics.HostID(value)
	case "AccountInfo":
		p.data.Partner.Accounts = append(p.data.Partner.Accounts, p.account)
		return p.count()
	case "OrderInfo/OrderType", "OrderInfo/AdminOrderType":
		p.order.Type = ebics.OrderType(value)
	case "OrderInfo/FileFormat":
		p.order.FileFormat = value
	case "OrderInfo/TransferType":
		p.order.Transfer = value
	case "OrderInfo/Description":
		p.order.Description = value
	case "OrderInfo/NumSigRequired":
		// What is no number says nothing; a number beyond int is its largest.
		n, _ := strconv.Atoi(value)
		p.order.Signatures = max(n, 0)
	case "OrderInfo":
		if p.order.Transfer == "" {
			p.order.Transfer = map[ebics.OrderType]string{ebics.BTU: "Upload", ebics.BTD: "Download"}[p.order.Type]
		}
		p.data.Partner.Orders = append(p.data.Partner.Orders, p.order)
		return p.count()
	}
	return nil
}

// accountValue takes one value of an AccountInfo. The forms with a format
// attribute (National…) count only where the plain national form is missing.
func (p *parser) accountValue(where, value string) {
	a := &p.account
	switch where {
	case "AccountNumber":
		if p.international {
			a.IBAN = value
		} else {
			a.Number = value
		}
	case "NationalAccountNumber":
		if a.Number == "" {
			a.Number = value
		}
	case "BankCode":
		if p.international {
			a.BIC = value
		} else {
			a.BankCode = value
		}
	case "NationalBankCode":
		if a.BankCode == "" {
			a.BankCode = value
		}
	case "AccountHolder":
		a.Holder = value
	case "UsageOrderTypes":
		a.Orders = orderTypes(value)
	}
}

// userValue takes one value below UserInfo.
func (p *parser) userValue(where, value string) error {
	switch where {
	case "UserID":
		p.user.ID = ebics.UserID(value)
	case "Name":
		p.user.Name = value
	case "Permission/OrderTypes", "Permission/AdminOrderType":
		p.permission.Orders = append(p.permission.Orders, orderTypes(value)...)
	case "Permission/FileFormat":
		p.permission.FileFormat = value
	case "Permission/AccountID":
		p.permission.AccountID = value
	case "Permission/MaxAmount":
		p.permission.MaxAmount = value
	case "Permission":
		p.user.Permissions = append(p.user.Permissions, p.permission)
		return p.count()
	}
	return nil
}

func orderTypes(list string) []ebics.OrderType {
	var out []ebics.OrderType
	for _, t := range strings.Fields(list) {
		out = append(out, ebics.OrderType(t))
	}
	return out
}

// count guards the memory of one delivery: the smallest item is a few bytes of
// XML, and far more when kept.
func (p *parser) count() error {
	if p.items++; p.items > maxItems {
		return fmt.Errorf("more than %d accounts, orders, users and permissions", maxItems)
	}
	return nil
}
