package envelope

import (
	"strconv"
	"strings"

	"kontor/ebics"
)

// Response is an ebicsResponse.
type Response struct {
	Version       ebics.Version
	TransactionID string // 32 hexadecimal digits, upper case, or empty
	Segments      int    // of a download's initialisation, or 0
	Phase         Phase
	Segment       *Segment
	OrderID       ebics.OrderID    // not in H003
	Technical     ebics.ReturnCode // of the header
	ReportText    string
	Business      ebics.ReturnCode // of the body

	Encryption *EncryptionInfo // with the first segment of a download
	// OrderData is the base64 text of a segment; not covered by the
	// authentication signature.
	OrderData []byte
}

// VerifyResponse verifies the bank's signature and only then reads the response.
func (m *Message) VerifyResponse(bank ebics.PublicKey) (Response, error) {
	if m.Kind != EbicsResponse {
		return Response{}, structure("%s is not a response", m.Kind)
	}
	if err := m.Verify(bank); err != nil {
		return Response{}, err
	}
	r, space := Response{Version: m.Version}, m.Namespace
	h := in(m.header)
	static, mutable := h.required(space, "static"), h.required(space, "mutable")
	if err := h.end(); err != nil {
		return r, err
	}
	c := in(static)
	if n := c.optional(space, "TransactionID"); n != nil {
		id, ok := parseHex16(c.leaf(n))
		if !ok {
			return r, structure("TransactionID is malformed")
		}
		r.TransactionID = id
	}
	if n := c.optional(space, "NumSegments"); n != nil {
		number, ok := parseNumber(c.leaf(n))
		if !ok || number < 1 {
			return r, structure("NumSegments is not a number")
		}
		r.Segments = number
	}
	if err := c.end(); err != nil {
		return r, err
	}
	if err := r.readMutable(in(mutable), space); err != nil {
		return r, err
	}
	err := r.readBody(m.body, space)
	return r, err
}

func (r *Response) readMutable(c *cursor, space string) error {
	r.Phase = Phase(c.leaf(c.required(space, "TransactionPhase")))
	if c.err == nil && !r.Phase.valid() {
		return structure("TransactionPhase is not known")
	}
	if n := c.optional(space, "SegmentNumber"); n != nil {
		r.Segment = readSegment(c, n)
	}
	if n := c.optional(space, "OrderID"); n != nil {
		id, err := ebics.ParseOrderID(c.leaf(n))
		if err != nil {
			return structure("OrderID is malformed")
		}
		r.OrderID = id
	}
	r.Technical, r.ReportText = readReturn(c, space)
	c.foreign(space)
	return c.end()
}

// readReturn reads a header's ReturnCode and ReportText.
func readReturn(c *cursor, space string) (ebics.ReturnCode, string) {
	code := readCode(c, c.required(space, "ReturnCode"))
	return code, c.leaf(c.required(space, "ReportText"))
}

func readCode(c *cursor, n *node) ebics.ReturnCode {
	text := c.leaf(n)
	if c.err == nil && (len(text) != 6 || strings.Trim(text, "0123456789") != "") {
		c.err = structure("ReturnCode is not six digits")
	}
	return ebics.ReturnCode(text)
}

func (r *Response) readBody(body *node, space string) error {
	b := in(body)
	if transfer := b.optional(space, "DataTransfer"); transfer != nil {
		c := in(transfer)
		if info := c.optional(space, "DataEncryptionInfo"); info != nil {
			var err error
			if r.Encryption, err = readEncryptionInfo(info, space); err != nil {
				return err
			}
		}
		n := c.required(space, "OrderData")
		c.leaf(n)
		r.OrderData = n.text
		c.foreign(space)
		if err := c.end(); err != nil {
			return err
		}
	}
	r.Business = readCode(b, b.required(space, "ReturnCode"))
	b.optional(space, "TimestampBankParameter")
	return b.end()
}

// Sign writes the response in its fixed form, signed with the bank's X002.
func (r Response) Sign(key ebics.KeyPair) ([]byte, error) {
	var h, b strings.Builder
	h.WriteString(`<header authenticate="true"><static>`)
	if r.TransactionID != "" {
		h.WriteString(`<TransactionID>` + r.TransactionID + `</TransactionID>`)
	}
	if r.Segments > 0 {
		h.WriteString(`<NumSegments>` + strconv.Itoa(r.Segments) + `</NumSegments>`)
	}
	h.WriteString(`</static><mutable><TransactionPhase>` + string(r.Phase) + `</TransactionPhase>`)
	writeSegment(&h, r.Segment)
	id := r.OrderID
	if r.Version == ebics.H003 { // the customer made it
		id = ""
	}
	writeReturn(&h, id, r.Technical, r.ReportText)
	h.WriteString(`</mutable></header>`)
	b.WriteString(`<body>`)
	if r.OrderData != nil {
		b.WriteString(`<DataTransfer>`)
		if r.Encryption != nil {
			r.Encryption.write(&b)
		}
		b.WriteString(`<OrderData>`)
		b.Write(r.OrderData)
		b.WriteString(`</OrderData></DataTransfer>`)
	}
	b.WriteString(`<ReturnCode authenticate="true">` + string(r.Business) + `</ReturnCode></body>`)
	return document(r.Version, EbicsResponse, h.String(), b.String(), key.Key)
}

func writeReturn(h *strings.Builder, id ebics.OrderID, technical ebics.ReturnCode, text string) {
	if id != "" {
		h.WriteString(`<OrderID>` + string(id) + `</OrderID>`)
	}
	h.WriteString(`<ReturnCode>` + string(technical) + `</ReturnCode><ReportText>` + escape(text) + `</ReportText>`)
}
