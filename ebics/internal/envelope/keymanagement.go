package envelope

import (
	"bytes"
	"encoding/base64"
	"strings"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
)

// UnsecuredRequest is an ebicsUnsecuredRequest: INI, HIA or H3K. Nothing in it is
// authenticated; the letter, or the certificates' authority, is what makes its
// keys trustworthy.
type UnsecuredRequest struct {
	Version    ebics.Version
	Host       ebics.HostID
	Subscriber ebics.Subscriber
	Product    string
	Type       ebics.OrderType
	OrderID    ebics.OrderID // H003 only, where the customer makes it
	OrderData  []byte        // decoded: a zlib stream
}

// ReadUnsecured reads an INI, HIA or H3K request.
func (m *Message) ReadUnsecured() (UnsecuredRequest, error) {
	var r UnsecuredRequest
	if m.Kind != EbicsUnsecuredRequest {
		return r, structure("%s is not an unsecured request", m.Kind)
	}
	space := m.Namespace
	h := in(m.header)
	static := h.required(space, "static")
	h.required(space, "mutable")
	if err := h.end(); err != nil {
		return r, err
	}
	c := in(static)
	host, hostErr := ebics.ParseHostID(c.leaf(c.required(space, "HostID")))
	partner, partnerErr := ebics.ParsePartnerID(c.leaf(c.required(space, "PartnerID")))
	user, userErr := ebics.ParseUserID(c.leaf(c.required(space, "UserID")))
	c.optional(space, "SystemID")
	if n := c.optional(space, "Product"); n != nil {
		r.Product = c.leaf(n)
	}
	var o Order
	if err := readOrderDetails(c.required(space, "OrderDetails"), m.Version, &o); err != nil && c.err == nil {
		return r, err
	}
	c.leaf(c.required(space, "SecurityMedium"))
	c.foreign(space)
	if err := c.end(); err != nil {
		return r, err
	}
	if hostErr != nil || partnerErr != nil || userErr != nil {
		return r, structure("host or subscriber is malformed")
	}
	r.Version, r.OrderID = m.Version, o.ID
	r.Host, r.Subscriber, r.Type = host, ebics.Subscriber{Partner: partner, User: user}, o.Type
	b := in(m.body)
	t := in(b.required(space, "DataTransfer"))
	text := t.leaf(t.required(space, "OrderData"))
	if t.err == nil {
		t.err = b.end()
	}
	if err := t.end(); err != nil {
		return r, err
	}
	data, err := crypto.DecodeBase64([]byte(text))
	if err != nil {
		return r, structure("OrderData is not base64")
	}
	r.OrderData = data
	return r, nil
}

// Write writes the request in its fixed form.
func (r UnsecuredRequest) Write() ([]byte, error) {
	var h strings.Builder
	h.WriteString(`<header authenticate="true"><static><HostID>` + escape(string(r.Host)) + `</HostID>`)
	writeSubscriber(&h, &Order{Subscriber: r.Subscriber, Product: r.Product})
	h.WriteString(`<OrderDetails>`)
	writeOrderType(&h, r.Version, &Order{Type: r.Type, ID: r.OrderID, Attribute: ebics.AttributeUnsigned})
	h.WriteString(`</OrderDetails><SecurityMedium>0000</SecurityMedium></static><mutable/></header>`)
	body := `<body><DataTransfer><OrderData>` + base64.StdEncoding.EncodeToString(r.OrderData) + `</OrderData></DataTransfer></body>`
	return document(r.Version, EbicsUnsecuredRequest, h.String(), body, nil)
}

// KeyManagementResponse answers INI, HIA and HPB, and whatever the bank could
// not make sense of. It is not signed: nothing in it proves anything.
type KeyManagementResponse struct {
	Version    ebics.Version
	OrderID    ebics.OrderID
	Technical  ebics.ReturnCode
	ReportText string
	Business   ebics.ReturnCode
	Encryption *EncryptionInfo // of HPB
	OrderData  []byte          // base64 text, of HPB
}

// ReadKeyManagementResponse reads the response in the namespace of any version,
// because a bank that does not understand the request may answer in its own.
func (m *Message) ReadKeyManagementResponse() (KeyManagementResponse, error) {
	var r KeyManagementResponse
	if m.Kind != EbicsKeyManagementResponse {
		return r, structure("%s is not a key management response", m.Kind)
	}
	r.Version = m.Version
	h := in(m.header)
	h.required(m.Namespace, "static")
	c := in(h.required(m.Namespace, "mutable"))
	if err := h.end(); err != nil {
		return r, err
	}
	if n := c.optional(m.Namespace, "OrderID"); n != nil {
		id, err := ebics.ParseOrderID(c.leaf(n))
		if err != nil {
			return r, structure("OrderID is malformed")
		}
		r.OrderID = id
	}
	r.Technical, r.ReportText = readReturn(c, m.Namespace)
	c.foreign(m.Namespace)
	if err := c.end(); err != nil {
		return r, err
	}
	b := in(m.body)
	if transfer := b.optional(m.Namespace, "DataTransfer"); transfer != nil {
		t := in(transfer)
		info := t.required(m.Namespace, "DataEncryptionInfo")
		n := t.required(m.Namespace, "OrderData")
		t.leaf(n)
		t.foreign(m.Namespace)
		if err := t.end(); err != nil {
			return r, err
		}
		var err error
		if r.Encryption, err = readEncryptionInfo(info, m.Namespace); err != nil {
			return r, err
		}
		r.OrderData = bytes.TrimSpace(n.text)
	}
	r.Business = readCode(b, b.required(m.Namespace, "ReturnCode"))
	b.optional(m.Namespace, "TimestampBankParameter")
	return r, b.end()
}

// Write writes the response in its fixed form.
func (r KeyManagementResponse) Write() ([]byte, error) {
	var h, b strings.Builder
	h.WriteString(`<header authenticate="true"><static/><mutable>`)
	writeReturn(&h, r.OrderID, r.Technical, r.ReportText)
	h.WriteString(`</mutable></header>`)
	b.WriteString(`<body>`)
	if r.Encryption != nil {
		b.WriteString(`<DataTransfer>`)
		r.Encryption.write(&b)
		b.WriteString(`<OrderData>`)
		b.Write(r.OrderData)
		b.WriteString(`</OrderData></DataTransfer>`)
	}
	b.WriteString(`<ReturnCode authenticate="true">` + string(r.Business) + `</ReturnCode></body>`)
	return document(r.Version, EbicsKeyManagementResponse, h.String(), b.String(), nil)
}
