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

// Request is an ebicsRequest, or an ebicsNoPubKeyDigestsRequest (HPB). Which fields
// are set depends on the phase.
type Request struct {
	Version ebics.Version
	Host    ebics.HostID
	Phase   Phase // empty for HPB

	Order         *Order // of an initialisation and of HPB
	TransactionID string // of transfer and receipt: 32 hexadecimal digits, upper case
	Segment       *Segment

	Encryption    *EncryptionInfo // of an upload's initialisation
	SignatureData []byte          // encrypted order signatures; likewise
	// DataDigest and AdditionalInfo belong to it in H005. Neither is covered by the
	// authentication signature; the digest is only a copy of what was signed.
	DataDigest     *DataDigest
	AdditionalInfo string
	// OrderData is the base64 text of a segment. It is not covered by the
	// authentication signature but by the order signature within the order.
	OrderData []byte
	Receipt   *int // 0 processed, 1 not
}

// DataDigest is the hash of order data and the version of the signature over it.
type DataDigest struct {
	Version string // A005 or A006
	Digest  []byte
}

// Order is the static header of an initialisation.
type Order struct {
	Params
	Nonce      string // 32 hexadecimal digits, upper case
	Timestamp  time.Time
	Subscriber ebics.Subscriber
	SystemID   ebics.UserID // technical subscriber; usually empty
	Product    string
	Type       ebics.OrderType // AdminOrderType in H005
	ID         ebics.OrderID   // of uploads in H003, where the customer makes it
	Attribute  string          // not in H005

	Authentication, Encryption []byte // SHA-256 of the bank's keys; absent in HPB
	Segments                   *int   // of an upload; 0, or nil with SignatureData, = signatures only
}

// SignaturesOnly says whether an initialisation carries signatures without data,
// as HVE, HVS and SPR do.
func (r Request) SignaturesOnly() bool {
	return r.Encryption != nil && (r.Order.Segments == nil || *r.Order.Segments == 0)
}

// VerifyRequest verifies the signature and only then reads the request.
func (m *Message) VerifyRequest(key ebics.PublicKey) (Request, error) {
	if m.Kind != EbicsRequest && m.Kind != EbicsNoPubKeyDigestsRequest {
		return Request{}, structure("%s is not a signed request", m.Kind)
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
	r, space := Request{Version: m.Version}, m.Namespace
	h := in(m.header)
	static, mutable := h.required(space, "static"), h.required(space, "mutable")
	if err := h.end(); err != nil {
		return r, err
	}
	c := in(static)
	host, err := ebics.ParseHostID(c.leaf(c.required(space, "HostID")))
	if c.err == nil && err != nil {
		return r, structure("HostID is malformed")
	}
	r.Host = host
	if id := c.optional(space, "TransactionID"); id != nil {
		text, ok := parseHex16(c.leaf(id))
		if !ok {
			return r, structure("TransactionID is malformed")
		}
		r.TransactionID = text
	} else {
		order, err := readOrder(c, m)
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
		r.Phase = Phase(mu.leaf(mu.required(space, "TransactionPhase")))
		if n := mu.optional(space, "SegmentNumber"); n != nil {
			r.Segment = readSegment(mu, n)
		}
	}
	mu.foreign(space)
	return r, mu.end()
}

func readOrder(c *cursor, m *Message) (Order, error) {
	var o Order
	space, kind := m.Namespace, m.Kind
	nonce, nonceOK := parseHex16(c.leaf(c.required(space, "Nonce")))
	at, atOK := parseInstant(c.leaf(c.required(space, "Timestamp")))
	partner, partnerErr := ebics.ParsePartnerID(c.leaf(c.required(space, "PartnerID")))
	user, userErr := ebics.ParseUserID(c.leaf(c.required(space, "UserID")))
	if c.err == nil && (!nonceOK || !atOK || partnerErr != nil || userErr != nil) {
		return o, structure("nonce, timestamp or subscriber is malformed")
	}
	o.Nonce, o.Timestamp, o.Subscriber = nonce, at, ebics.Subscriber{Partner: partner, User: user}
	if n := c.optional(space, "SystemID"); n != nil {
		system, err := ebics.ParseUserID(c.leaf(n))
		if err != nil {
			return o, structure("SystemID is malformed")
		}
		o.SystemID = system
	}
	if n := c.optional(space, "Product"); n != nil {
		o.Product = c.leaf(n)
	}
	if err := readOrderDetails(c.required(space, "OrderDetails"), m.Version, &o); err != nil && c.err == nil {
		return o, err
	}
	if kind == EbicsRequest {
		digests := in(c.required(space, "BankPubKeyDigests"))
		var err error
		if o.Authentication, err = readKeyDigest(digests, space, "Authentication", ebics.X002); err != nil {
			return o, err
		}
		if o.Encryption, err = readKeyDigest(digests, space, "Encryption", ebics.E002); err != nil {
			return o, err
		}
		if err := digests.end(); err != nil {
			return o, err
		}
	}
	c.leaf(c.required(space, "SecurityMedium"))
	if n := c.optional(space, "NumSegments"); n != nil && kind == EbicsRequest {
		number, ok := parseNumber(c.leaf(n))
		if !ok {
			return o, structure("NumSegments is not a number")
		}
		o.Segments = &number
	}
	c.foreign(space)
	return o, c.err
}

func readKeyDigest(c *cursor, space, name, version string) ([]byte, error) {
	got, digest, err := readDigest(c, c.required(space, name))
	if err == nil && got != version {
		err = structure("%s digest has version %q", name, clip(got))
	}
	return digest, err
}

// orderTypeElement names the element of the order type.
func orderTypeElement(v ebics.Version) string {
	if v.Classic() {
		return "OrderType"
	}
	return "AdminOrderType"
}

// readOrderDetails reads type, attribute and order parameters.
func readOrderDetails(n *node, v ebics.Version, o *Order) error {
	c, space := in(n), Namespace(v)
	orderType, err := ebics.ParseOrderType(c.leaf(c.required(space, orderTypeElement(v))))
	if err != nil && c.err == nil {
		return structure("%s is malformed", orderTypeElement(v))
	}
	o.Type = orderType
	if id := c.optional(space, "OrderID"); id != nil {
		if o.ID, err = ebics.ParseOrderID(c.leaf(id)); err != nil {
			return structure("OrderID is malformed")
		}
	}
	if v.Classic() {
		o.Attribute = c.leaf(c.required(space, "OrderAttribute"))
	}
	if c.err != nil || len(c.rest) == 0 {
		return c.end()
	}
	params := c.rest[0]
	c.rest = c.rest[1:]
	if o.Params, err = readParams(params, space); err != nil {
		return err
	}
	return c.end()
}

func (m *Message) readRequestBody(r *Request) error {
	b, space := in(m.body), m.Namespace
	b.optional(space, "PreValidation") // allowed, and hardly used by anyone
	if transfer := b.optional(space, "DataTransfer"); transfer != nil {
		c := in(transfer)
		if info := c.optional(space, "DataEncryptionInfo"); info != nil {
			var err error
			if r.Encryption, err = readEncryptionInfo(info, space); err != nil {
				return err
			}
			if r.SignatureData, err = crypto.DecodeBase64([]byte(c.leaf(c.required(space, "SignatureData")))); err != nil {
				return structure("SignatureData is not base64")
			}
			if err := r.readDataDigest(c, space); err != nil {
				return err
			}
		} else {
			n := c.required(space, "OrderData")
			c.leaf(n)
			r.OrderData = bytes.TrimSpace(n.text)
		}
		c.foreign(space)
		if err := c.end(); err != nil {
			return err
		}
	} else if receipt := b.optional(space, "TransferReceipt"); receipt != nil {
		c := in(receipt)
		code, ok := parseNumber(c.leaf(c.required(space, "ReceiptCode")))
		c.foreign(space)
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

// readDataDigest reads what H005 puts after the signatures. Of the digest's value
// nothing is wanted here: clients have been seen to send other things than a hash.
func (r *Request) readDataDigest(c *cursor, space string) error {
	if n := c.optional(space, "DataDigest"); n != nil {
		digest, err := crypto.DecodeBase64([]byte(c.leaf(n)))
		if err != nil {
			return structure("DataDigest is not base64")
		}
		r.DataDigest = &DataDigest{Digest: digest}
		r.DataDigest.Version, _ = n.attribute("SignatureVersion")
	}
	if n := c.optional(space, "AdditionalOrderInfo"); n != nil {
		r.AdditionalInfo = c.leaf(n)
	}
	return nil
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
		ok = initial && (r.Encryption != nil || r.Order.Segments == nil)
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
	err := r.consistent(kind)
	if err == nil && kind == EbicsRequest && r.Order != nil {
		err = r.Order.writable(r.Version, r.Order.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	var h, b strings.Builder
	h.WriteString(`<header authenticate="true"><static><HostID>` + escape(string(r.Host)) + `</HostID>`)
	if r.Order != nil {
		r.Order.write(&h, r.Version)
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
		b.WriteString(`<SignatureData authenticate="true">` + base64.StdEncoding.EncodeToString(r.SignatureData) + `</SignatureData>`)
		r.writeDataDigest(&b)
		b.WriteString(`</DataTransfer></body>`)
	case r.OrderData != nil:
		b.WriteString(`<body><DataTransfer><OrderData>`)
		b.Write(r.OrderData)
		b.WriteString(`</OrderData></DataTransfer></body>`)
	case r.Receipt != nil:
		b.WriteString(`<body><TransferReceipt authenticate="true"><ReceiptCode>` + strconv.Itoa(*r.Receipt) + `</ReceiptCode></TransferReceipt></body>`)
	default:
		b.WriteString(`<body/>`)
	}
	return document(r.Version, kind, h.String(), b.String(), key.Key)
}

// writeDataDigest writes what H005 wants after the signatures.
func (r Request) writeDataDigest(b *strings.Builder) {
	if r.Version.Classic() {
		return
	}
	if d := r.DataDigest; d != nil {
		b.WriteString(`<DataDigest SignatureVersion="` + escape(d.Version) + `">` + base64.StdEncoding.EncodeToString(d.Digest) + `</DataDigest>`)
	}
	if r.AdditionalInfo != "" {
		b.WriteString(`<AdditionalOrderInfo>` + escape(r.AdditionalInfo) + `</AdditionalOrderInfo>`)
	}
}

// writeOrderType writes the first elements of OrderDetails.
func writeOrderType(h *strings.Builder, v ebics.Version, o *Order) {
	element := orderTypeElement(v)
	h.WriteString(`<` + element + `>` + string(o.Type) + `</` + element + `>`)
	if o.ID != "" {
		h.WriteString(`<OrderID>` + string(o.ID) + `</OrderID>`)
	}
	if v.Classic() {
		h.WriteString(`<OrderAttribute>` + o.Attribute + `</OrderAttribute>`)
	}
}

func (o *Order) write(h *strings.Builder, v ebics.Version) {
	h.WriteString(`<Nonce>` + o.Nonce + `</Nonce><Timestamp>` + o.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z") + `</Timestamp>`)
	writeSubscriber(h, o)
	h.WriteString(`<OrderDetails>`)
	writeOrderType(h, v, o)
	if o.Authentication == nil { // HPB has no parameters and cannot know the bank's keys
		h.WriteString(`</OrderDetails><SecurityMedium>0000</SecurityMedium>`)
		return
	}
	o.Params.write(h, v, o.Type)
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
