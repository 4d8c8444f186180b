package envelope

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
)

// Request is an ebicsRequest, or an ebicsNoPubKeyDigestsRequest (HPB), of
// protocol version H004. Which fields are set depends on the phase.
type Request struct {
	Host  ebics.HostID
	Phase Phase // empty for HPB

	Order         *Order // of an initialisation and of HPB
	TransactionID string // of transfer and receipt: 32 hexadecimal digits, upper case
	Segment       *Segment

	Encryption    *EncryptionInfo // of an upload's initialisation
	SignatureData []byte          // encrypted order signatures; likewise
	// OrderData is the base64 text of a segment. It is not covered by the
	// authentication signature but by the order signature within the order.
	OrderData []byte
	Receipt   *int // 0 processed, 1 not
}

// Order is the static header of an initialisation.
type Order struct {
	Nonce      string // 32 hexadecimal digits, upper case
	Timestamp  time.Time
	Subscriber ebics.Subscriber
	SystemID   ebics.UserID // technical subscriber; usually empty
	Product    string
	Type       ebics.OrderType
	ID         ebics.OrderID // only with signatures for an order that exists
	Attribute  string
	From, To   string // DateRange of a download, xs:date, or empty

	Authentication, Encryption []byte // SHA-256 of the bank's keys; absent in HPB
	Segments                   *int   // of an upload; 0 = signatures only
}

// VerifyRequest verifies the signature and only then reads the request.
func (m *Message) VerifyRequest(key ebics.PublicKey) (Request, error) {
	if m.Kind != EbicsRequest && m.Kind != EbicsNoPubKeyDigestsRequest || m.Namespace != NamespaceH004 {
		return Request{}, structure("%s in %s is not a signed request of H004", m.Kind, clip(m.Namespace))
	}
	if err := m.Verify(key); err != nil {
		return Request{}, err
	}
	r, err := m.readRequestHeader()
	if err != nil {
		return Request{}, err
	}
	if err := m.readRequestBody(&r); err != nil {
		return Request{}, err
	}
	err = r.consistent(m.Kind)
	return r, err
}

func (m *Message) readRequestHeader() (Request, error) {
	var r Request
	h := in(m.header)
	static, mutable := h.required(NamespaceH004, "static"), h.required(NamespaceH004, "mutable")
	if err := h.end(); err != nil {
		return r, err
	}
	c := in(static)
	host, err := ebics.ParseHostID(c.leaf(c.required(NamespaceH004, "HostID")))
	if c.err == nil && err != nil {
		return r, structure("HostID is malformed")
	}
	r.Host = host
	if id := c.optional(NamespaceH004, "TransactionID"); id != nil {
		text, ok := parseHex16(c.leaf(id))
		if !ok {
			return r, structure("TransactionID is malformed")
		}
		r.TransactionID = text
	} else {
		order, err := readOrder(c, m.Kind)
		if err != nil {
			return r, err
		}
		r.Order = &order
	}
	if err := c.end(); err != nil {
		return r, err
	}
	mu := in(mutable)
	if m.Kind == EbicsRequest {
		r.Phase = Phase(mu.leaf(mu.required(NamespaceH004, "TransactionPhase")))
		if n := mu.optional(NamespaceH004, "SegmentNumber"); n != nil {
			r.Segment = readSegment(mu, n)
		}
	}
	mu.foreign(NamespaceH004)
	return r, mu.end()
}

func readOrder(c *cursor, kind Kind) (Order, error) {
	var o Order
	nonce, nonceOK := parseHex16(c.leaf(c.required(NamespaceH004, "Nonce")))
	at, atOK := parseInstant(c.leaf(c.required(NamespaceH004, "Timestamp")))
	partner, partnerErr := ebics.ParsePartnerID(c.leaf(c.required(NamespaceH004, "PartnerID")))
	user, userErr := ebics.ParseUserID(c.leaf(c.required(NamespaceH004, "UserID")))
	if c.err == nil && (!nonceOK || !atOK || partnerErr != nil || userErr != nil) {
		return o, structure("nonce, timestamp or subscriber is malformed")
	}
	o.Nonce, o.Timestamp, o.Subscriber = nonce, at, ebics.Subscriber{Partner: partner, User: user}
	if n := c.optional(NamespaceH004, "SystemID"); n != nil {
		system, err := ebics.ParseUserID(c.leaf(n))
		if err != nil {
			return o, structure("SystemID is malformed")
		}
		o.SystemID = system
	}
	if n := c.optional(NamespaceH004, "Product"); n != nil {
		o.Product = c.leaf(n)
	}
	if err := readOrderDetails(c.required(NamespaceH004, "OrderDetails"), &o); err != nil && c.err == nil {
		return o, err
	}
	if kind == EbicsRequest {
		digests := in(c.required(NamespaceH004, "BankPubKeyDigests"))
		var err error
		if o.Authentication, err = readKeyDigest(digests, "Authentication", ebics.X002); err != nil {
			return o, err
		}
		if o.Encryption, err = readKeyDigest(digests, "Encryption", ebics.E002); err != nil {
			return o, err
		}
		if err := digests.end(); err != nil {
			return o, err
		}
	}
	c.leaf(c.required(NamespaceH004, "SecurityMedium"))
	if n := c.optional(NamespaceH004, "NumSegments"); n != nil && kind == EbicsRequest {
		number, ok := parseNumber(c.leaf(n))
		if !ok {
			return o, structure("NumSegments is not a number")
		}
		o.Segments = &number
	}
	c.foreign(NamespaceH004)
	return o, c.err
}

func readKeyDigest(c *cursor, name, version string) ([]byte, error) {
	got, digest, err := readDigest(c, c.required(NamespaceH004, name))
	if err == nil && got != version {
		err = structure("%s digest has version %q", name, clip(got))
	}
	return digest, err
}

// readOrderDetails reads type, attribute and, of the order parameters, the date
// range. Other parameters are the schema's substitution group; they are not used.
func readOrderDetails(n *node, o *Order) error {
	c := in(n)
	orderType, err := ebics.ParseOrderType(c.leaf(c.required(NamespaceH004, "OrderType")))
	if err != nil && c.err == nil {
		return structure("OrderType is malformed")
	}
	o.Type = orderType
	if id := c.optional(NamespaceH004, "OrderID"); id != nil {
		if o.ID, err = ebics.ParseOrderID(c.leaf(id)); err != nil {
			return structure("OrderID is malformed")
		}
	}
	o.Attribute = c.leaf(c.required(NamespaceH004, "OrderAttribute"))
	if c.err != nil || len(c.rest) == 0 {
		return c.end()
	}
	params := c.rest[0]
	c.rest = c.rest[1:]
	if params.local == "StandardOrderParams" && params.space == NamespaceH004 {
		p := in(params)
		if dates := p.optional(NamespaceH004, "DateRange"); dates != nil {
			d := in(dates)
			o.From, o.To = d.leaf(d.required(NamespaceH004, "Start")), d.leaf(d.required(NamespaceH004, "End"))
			if err := d.end(); err != nil {
				return err
			}
			if !validDate(o.From) || !validDate(o.To) {
				return structure("DateRange is malformed")
			}
		}
		if err := p.end(); err != nil {
			return err
		}
	}
	return c.end()
}

func validDate(text string) bool {
	if len(text) < 10 {
		return false
	}
	_, err := time.Parse("2006-01-02", text[:10]) // a zone may follow; it is not used
	return err == nil
}

func (m *Message) readRequestBody(r *Request) error {
	b := in(m.body)
	b.optional(NamespaceH004, "PreValidation") // allowed, and hardly used by anyone
	if transfer := b.optional(NamespaceH004, "DataTransfer"); transfer != nil {
		c := in(transfer)
		if info := c.optional(NamespaceH004, "DataEncryptionInfo"); info != nil {
			var err error
			if r.Encryption, err = readEncryptionInfo(info, NamespaceH004); err != nil {
				return err
			}
			if r.SignatureData, err = crypto.DecodeBase64([]byte(c.leaf(c.required(NamespaceH004, "SignatureData")))); err != nil {
				return structure("SignatureData is not base64")
			}
		} else {
			n := c.required(NamespaceH004, "OrderData")
			c.leaf(n)
			r.OrderData = bytes.TrimSpace(n.text)
		}
		c.foreign(NamespaceH004)
		if err := c.end(); err != nil {
			return err
		}
	} else if receipt := b.optional(NamespaceH004, "TransferReceipt"); receipt != nil {
		c := in(receipt)
		code, ok := parseNumber(c.leaf(c.required(NamespaceH004, "ReceiptCode")))
		c.foreign(NamespaceH004)
		if err := c.end(); err != nil {
			return err
		}
		if !ok || code > 1 {
			return structure("ReceiptCode is neither 0 nor 1")
		}
		r.Receipt = &code
	}
	return b.end()
}

// consistent wants the parts that the phase must have, and no others.
func (r Request) consistent(kind Kind) error {
	empty := r.Encryption == nil && r.OrderData == nil && r.Receipt == nil
	initial := r.Order != nil && r.Segment == nil && r.OrderData == nil && r.Receipt == nil
	ok := false
	switch {
	case kind == EbicsNoPubKeyDigestsRequest:
		ok = initial && empty
	case r.Phase == Initialisation:
		ok = initial && (r.Encryption != nil) == (r.Order.Segments != nil)
	case r.Phase == Transfer:
		ok = r.TransactionID != "" && r.Segment != nil && r.Encryption == nil && r.Receipt == nil
	case r.Phase == Receipt:
		ok = r.TransactionID != "" && r.Segment == nil && r.Encryption == nil && r.OrderData == nil && r.Receipt != nil
	}
	if !ok {
		return structure("parts of the request do not fit its phase %q", clip(string(r.Phase)))
	}
	return nil
}

// Sign writes the request in its fixed form, on one line, signed with X002.
func (r Request) Sign(key ebics.KeyPair) ([]byte, error) {
	kind := EbicsRequest
	if r.Phase == "" {
		kind = EbicsNoPubKeyDigestsRequest
	}
	if err := r.consistent(kind); err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	var h, b strings.Builder
	h.WriteString(`<header authenticate="true"><static><HostID>` + escape(string(r.Host)) + `</HostID>`)
	if r.Order != nil {
		r.Order.write(&h)
	} else {
		h.WriteString(`<TransactionID>` + r.TransactionID + `</TransactionID>`)
	}
	h.WriteString(`</static>`)
	if kind == EbicsRequest {
		h.WriteString(`<mutable><TransactionPhase>` + string(r.Phase) + `</TransactionPhase>`)
		writeSegment(&h, r.Segment)
		h.WriteString(`</mutable></header>`)
	} else {
		h.WriteString(`<mutable/></header>`)
	}
	switch {
	case r.Encryption != nil:
		b.WriteString(`<body><DataTransfer>`)
		r.Encryption.write(&b)
		b.WriteString(`<SignatureData authenticate="true">` + base64.StdEncoding.EncodeToString(r.SignatureData) + `</SignatureData></DataTransfer></body>`)
	case r.OrderData != nil:
		b.WriteString(`<body><DataTransfer><OrderData>`)
		b.Write(r.OrderData)
		b.WriteString(`</OrderData></DataTransfer></body>`)
	case r.Receipt != nil:
		b.WriteString(`<body><TransferReceipt authenticate="true"><ReceiptCode>` + strconv.Itoa(*r.Receipt) + `</ReceiptCode></TransferReceipt></body>`)
	default:
		b.WriteString(`<body/>`)
	}
	return document(kind, h.String(), b.String(), key.Key)
}

func (o *Order) write(h *strings.Builder) {
	h.WriteString(`<Nonce>` + o.Nonce + `</Nonce><Timestamp>` + o.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z") + `</Timestamp>`)
	writeSubscriber(h, o)
	h.WriteString(`<OrderDetails><OrderType>` + string(o.Type) + `</OrderType>`)
	if o.ID != "" {
		h.WriteString(`<OrderID>` + string(o.ID) + `</OrderID>`)
	}
	h.WriteString(`<OrderAttribute>` + o.Attribute + `</OrderAttribute>`)
	if o.Authentication == nil { // HPB has no parameters and cannot know the bank's keys
		h.WriteString(`</OrderDetails><SecurityMedium>0000</SecurityMedium>`)
		return
	}
	if o.From != "" {
		h.WriteString(`<StandardOrderParams><DateRange><Start>` + escape(o.From) + `</Start><End>` + escape(o.To) + `</End></DateRange></StandardOrderParams>`)
	} else {
		h.WriteString(`<StandardOrderParams/>`)
	}
	h.WriteString(`</OrderDetails><BankPubKeyDigests>`)
	for _, d := range []struct {
		name, version string
		digest        []byte
	}{{"Authentication", ebics.X002, o.Authentication}, {"Encryption", ebics.E002, o.Encryption}} {
		h.WriteString(`<` + d.name + ` Version="` + d.version + `" Algorithm="` + algorithmSHA256 + `">` + base64.StdEncoding.EncodeToString(d.digest) + `</` + d.name + `>`)
	}
	h.WriteString(`</BankPubKeyDigests><SecurityMedium>0000</SecurityMedium>`)
	if o.Segments != nil {
		h.WriteString(`<NumSegments>` + strconv.Itoa(*o.Segments) + `</NumSegments>`)
	}
}

func writeSubscriber(h *strings.Builder, o *Order) {
	h.WriteString(`<PartnerID>` + string(o.Subscriber.Partner) + `</PartnerID><UserID>` + string(o.Subscriber.User) + `</UserID>`)
	if o.SystemID != "" {
		h.WriteString(`<SystemID>` + string(o.SystemID) + `</SystemID>`)
	}
	if o.Product != "" {
		h.WriteString(`<Product Language="en">` + escape(o.Product) + `</Product>`)
	}
}

func writeSegment(h *strings.Builder, s *Segment) {
	if s != nil {
		h.WriteString(`<SegmentNumber lastSegment="` + strconv.FormatBool(s.Last) + `">` + strconv.Itoa(s.Number) + `</SegmentNumber>`)
	}
}
