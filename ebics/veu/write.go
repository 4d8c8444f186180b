package veu

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kontor/ebics"
)

// namespaces are those of the order data.
var namespaces = map[ebics.Version]string{
	ebics.H003: "http://www.ebics.org/H003",
	ebics.H004: "urn:org:ebics:H004",
	ebics.H005: "urn:org:ebics:H005",
}

// writer writes elements with escaped text.
type writer struct {
	strings.Builder
	v ebics.Version
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace

func newWriter(v ebics.Version, root string) (*writer, error) {
	space, ok := namespaces[v]
	if !ok {
		return nil, fmt.Errorf("writing %s: version %.10q is not known", root, string(v))
	}
	w := &writer{v: v}
	w.WriteString(`<?xml version="1.0" encoding="UTF-8"?><` + root + ` xmlns="` + space + `">`)
	return w, nil
}

// leaf writes an element with attributes, given as name and value in turn; empty
// values are left out.
func (w *writer) leaf(name, text string, attributes ...string) {
	w.WriteString(`<` + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			w.WriteString(` ` + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
		}
	}
	if text == "" {
		w.WriteString(`/>`)
		return
	}
	w.WriteString(`>` + escape(text) + `</` + name + `>`)
}

// optional writes the element only if there is a text.
func (w *writer) optional(name, text string, attributes ...string) {
	if text != "" {
		w.leaf(name, text, attributes...)
	}
}

func (w *writer) service(s ebics.BTF) {
	w.WriteString(`<Service>`)
	w.optional("ServiceName", s.ServiceName)
	w.optional("Scope", s.Scope)
	w.optional("ServiceOption", s.Option)
	if s.Container != "" {
		w.leaf("Container", "", "containerType", s.Container)
	}
	w.optional("MsgName", s.MsgName, "variant", s.Variant, "version", s.Version, "format", s.Format)
	w.WriteString(`</Service>`)
}

// reference names an order in the list; false if the version cannot.
func (w *writer) reference(r Reference) error {
	if err := r.Check(w.v); err != nil {
		return fmt.Errorf("order %s: %w", r.OrderID, err)
	}
	if !w.v.Classic() {
		w.service(*r.Service)
	} else {
		w.leaf("OrderType", string(r.Type))
		if r.FileFormat != nil && w.v == ebics.H004 {
			w.leaf("FileFormat", r.FileFormat.Name, "CountryCode", r.FileFormat.Country)
		}
	}
	w.leaf("OrderID", string(r.OrderID))
	return nil
}

func (w *writer) person(element string, p Person, more func()) {
	w.WriteString(`<` + element + `>`)
	w.leaf("PartnerID", string(p.Partner))
	w.leaf("UserID", string(p.User))
	w.optional("Name", p.Name)
	w.leaf("Timestamp", p.At.UTC().Format(time.RFC3339))
	if more != nil {
		more()
	}
	w.WriteString(`</` + element + `>`)
}

func (w *writer) signers(signers []Signer) {
	for _, s := range signers {
		w.person("SignerInfo", s.Person, func() { w.leaf("Permission", "", "AuthorisationLevel", s.Class) })
	}
}

func (w *writer) digest(digest []byte, version string) {
	w.leaf("DataDigest", base64.StdEncoding.EncodeToString(digest), "SignatureVersion", version)
}

// account writes the numbers of an account; role is "" where the schema has none.
func (w *writer) account(a Account, role bool) {
	numberRole, bankRole := "", ""
	if role {
		numberRole, bankRole = a.Role, a.Role
	}
	w.WriteString(`<AccountInfo`)
	if role {
		for _, attribute := range [][2]string{{"Currency", a.Currency}, {"Description", a.Description}} {
			if attribute[1] != "" {
				w.WriteString(` ` + attribute[0] + `="` + escape(attribute[1]) + `"`)
			}
		}
	}
	w.WriteString(`>`)
	w.optional("AccountNumber", a.IBAN, "Role", numberRole, "international", "true")
	w.optional("AccountNumber", a.Number, "Role", numberRole, "international", "false")
	w.optional("BankCode", a.BIC, "Role", bankRole, "international", "true")
	w.optional("BankCode", a.BankCode, "Role", bankRole, "international", "false")
	if role {
		w.optional("AccountHolder", a.Holder, "Role", a.Role)
	}
	w.WriteString(`</AccountInfo>`)
}

func boolean(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// WriteOrders writes the answer to HVU or HVZ, by the order type. At least one order
// must be given: a bank answers 090005 instead of an empty list. For HVZ the
// orders must be Detailed.
func WriteOrders(v ebics.Version, t ebics.OrderType, orders []Order) ([]byte, error) {
	root := string(t) + "ResponseOrderData"
	w, err := newWriter(v, root)
	if err != nil {
		return nil, err
	}
	if t != ebics.HVU && t != ebics.HVZ || len(orders) == 0 {
		return nil, fmt.Errorf("writing %s: no list, or no orders", root)
	}
	for _, o := range orders {
		w.WriteString(`<OrderDetails>`)
		if err := w.reference(o.Reference); err != nil {
			return nil, fmt.Errorf("writing %s: %w", root, err)
		}
		if t == ebics.HVZ {
			if !o.Detailed {
				return nil, fmt.Errorf("writing %s: order %s without details", root, o.OrderID)
			}
			w.details(o)
		} else {
			w.leaf("OrderDataSize", strconv.FormatInt(o.DataSize, 10))
		}
		w.leaf("SigningInfo", "", "readyToBeSigned", strconv.FormatBool(o.Signing.Ready),
			"NumSigRequired", strconv.Itoa(o.Signing.Required), "NumSigDone", strconv.Itoa(o.Signing.Done))
		w.signers(o.Signers)
		w.person("OriginatorInfo", o.Originator, nil)
		if v == ebics.H005 {
			w.optional("AdditionalOrderInfo", o.AdditionalInfo)
		}
		w.WriteString(`</OrderDetails>`)
	}
	w.WriteString(`</` + root + `>`)
	return []byte(w.String()), nil
}

// details writes what HVZ tells beyond HVU.
func (w *writer) details(o Order) {
	w.digest(o.Digest, o.SignatureVersion)
	w.leaf("OrderDataAvailable", strconv.FormatBool(o.DataAvailable))
	w.leaf("OrderDataSize", strconv.FormatInt(o.DataSize, 10))
	w.leaf("OrderDetailsAvailable", strconv.FormatBool(o.DetailsAvailable))
	if o.Transactions >= 0 {
		w.leaf("TotalOrders", strconv.Itoa(o.Transactions))
	}
	credit := boolean(o.TotalCredit)
	if w.v == ebics.H003 { // has no such attribute
		credit = ""
	}
	w.optional("TotalAmount", o.Total, "isCredit", credit)
	w.optional("Currency", o.Currency)
	if o.FirstParty == "" && !o.FirstAccountKnown {
		return
	}
	w.WriteString(`<FirstOrderInfo>`)
	w.optional("OrderPartyInfo", o.FirstParty)
	if o.FirstAccountKnown {
		w.account(o.FirstAccount, false)
	}
	w.WriteString(`</FirstOrderInfo>`)
}

// WriteDetails writes the answer to HVD.
func WriteDetails(v ebics.Version, d Details) ([]byte, error) {
	const root = "HVDResponseOrderData"
	w, err := newWriter(v, root)
	if err != nil {
		return nil, err
	}
	w.digest(d.Digest, d.SignatureVersion)
	w.leaf("DisplayFile", base64.StdEncoding.EncodeToString(d.Display))
	w.leaf("OrderDataAvailable", strconv.FormatBool(d.DataAvailable))
	w.leaf("OrderDataSize", strconv.FormatInt(d.DataSize, 10))
	w.leaf("OrderDetailsAvailable", strconv.FormatBool(d.DetailsAvailable))
	w.signers(d.Signers)
	w.WriteString(`</` + root + `>`)
	return []byte(w.String()), nil
}

// WriteTransactions writes the answer to HVT without the complete file. The schema
// wants at least one transaction with two or three accounts each.
func WriteTransactions(v ebics.Version, t Transactions) ([]byte, error) {
	const root = "HVTResponseOrderData"
	w, err := newWriter(v, root)
	if err != nil {
		return nil, err
	}
	if len(t.List) == 0 {
		return nil, fmt.Errorf("writing %s: no transactions", root)
	}
	w.leaf("NumOrderInfos", strconv.Itoa(t.Total))
	for _, one := range t.List {
		if len(one.Accounts) < 2 || len(one.Accounts) > 3 {
			return nil, fmt.Errorf("writing %s: a transaction with %d accounts", root, len(one.Accounts))
		}
		w.WriteString(`<OrderInfo>`)
		if v.Classic() {
			w.optional("OrderFormat", one.Format)
		} else {
			w.optional("MsgName", one.Format)
		}
		for _, a := range one.Accounts {
			w.account(a, true)
		}
		w.optional("ExecutionDate", one.ExecutionDate)
		w.leaf("Amount", one.Amount, "isCredit", boolean(one.Credit), "Currency", one.Currency)
		for _, d := range one.Descriptions {
			w.leaf("Description", d.Text, "Type", d.Type)
		}
		w.WriteString(`</OrderInfo>`)
	}
	w.WriteString(`</` + root + `>`)
	return []byte(w.String()), nil
}
