package envelope

import (
	"encoding/base64"
	"strings"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
)

// maxOrderSignatures is how many signatures one upload may bring along.
const maxOrderSignatures = 20

// OrderSignature is one order signature out of UserSignatureData.
type OrderSignature struct {
	Version    string // A005 or A006
	Subscriber ebics.Subscriber
	Value      []byte
}

// WriteSignatures writes UserSignatureData (S001, in H005 S002).
func WriteSignatures(v ebics.Version, signatures ...OrderSignature) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><UserSignatureData xmlns="` + signatureNamespace(v) + `">`)
	for _, s := range signatures {
		b.WriteString(`<OrderSignatureData><SignatureVersion>` + s.Version + `</SignatureVersion><SignatureValue>` +
			base64.StdEncoding.EncodeToString(s.Value) + `</SignatureValue><PartnerID>` + string(s.Subscriber.Partner) +
			`</PartnerID><UserID>` + string(s.Subscriber.User) + `</UserID></OrderSignatureData>`)
	}
	b.WriteString(`</UserSignatureData>`)
	return []byte(b.String())
}

// ReadSignatures reads UserSignatureData (S001 or S002): one to 20 signatures in
// the structured form that A005 and A006 use.
func ReadSignatures(data []byte) ([]OrderSignature, error) {
	root, err := parseOrderData(data)
	if err != nil {
		return nil, err
	}
	space := root.space
	if !signatureSpace(space) || root.local != "UserSignatureData" {
		return nil, structure("signature data is %s", clip(root.local))
	}
	c := in(root)
	var signatures []OrderSignature
	for n := c.optional(space, "OrderSignatureData"); n != nil; n = c.optional(space, "OrderSignatureData") {
		s := in(n)
		version := s.leaf(s.required(space, "SignatureVersion"))
		value, valueErr := crypto.DecodeBase64([]byte(s.leaf(s.required(space, "SignatureValue"))))
		partner, partnerErr := ebics.ParsePartnerID(s.leaf(s.required(space, "PartnerID")))
		user, userErr := ebics.ParseUserID(s.leaf(s.required(space, "UserID")))
		s.optional(NamespaceDS, "X509Data")
		if err := s.end(); err != nil {
			return nil, err
		}
		if valueErr != nil || partnerErr != nil || userErr != nil {
			return nil, structure("order signature is malformed")
		}
		signatures = append(signatures, OrderSignature{Version: version, Subscriber: ebics.Subscriber{Partner: partner, User: user}, Value: value})
	}
	c.foreign(space)
	if err := c.end(); err != nil {
		return nil, err
	}
	if len(signatures) == 0 || len(signatures) > maxOrderSignatures {
		return nil, structure("%d order signatures", len(signatures))
	}
	return signatures, nil
}
