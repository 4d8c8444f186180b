// Package client speaks EBICS 2.4, 2.5 and 3.0 (H003, H004, H005) to a bank: it
// asks which versions the bank has (HEV), initialises a subscriber (INI, HIA, H3K,
// HPB), changes and suspends its keys, uploads orders in steps between which the
// caller can keep a journal, downloads, and signs or cancels what waits for
// signatures (VEU). Every answer's signature is checked before anything in it is
// used.
package client

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
)

// Config says who talks to which bank with which keys.
type Config struct {
	URL        string // https; http only to a loopback address
	HostID     ebics.HostID
	Version    ebics.Version // "" = H004
	Subscriber ebics.Subscriber
	Keys       ebics.SubscriberKeys // in H005 with certificates
	// Bank holds the bank's keys after a person has compared them. Without it
	// only INI, HIA and HPB are possible.
	Bank *ebics.BankPublicKeys
	// BankDigest says by which digest requests name the bank's keys; banks of H005
	// differ, and one that wants the other answers 091008.
	BankDigest ebics.DigestKind
	// Certificates sends the certificates of the keys also in H003 and H004, to banks
	// that want them there (France); others refuse them (091207).
	Certificates bool
	// PinnedKeys, if any, are the SHA-256 digests of public keys (SubjectPublicKeyInfo
	// in DER), one of which must be in the verified chain of the bank's TLS
	// certificate. It needs Go's own transport.
	PinnedKeys [][32]byte
	// HTTP sends the requests; nil means a client of its own with a time limit
	// of two minutes. Redirects are never followed, and TLS is at least 1.2.
	HTTP    *http.Client
	Product string // named to the bank, at most 64 characters; "" = "Kontor"
	Now     func() time.Time
	// SegmentSize is the number of base64 characters in a segment of an upload:
	// a multiple of 4, at most 1 MiB; 0 = 500,000.
	SegmentSize int
	// MaxOrderData limits inflated order data of a download in bytes; 0 = 1 GiB.
	MaxOrderData int64
	// Answered, if set, sees every answer as it was received, before it is judged:
	// for keeping evidence. It must not keep the slice beyond the call.
	Answered func(answer []byte)
	// Trace, if set, is told of every exchange when it is judged.
	Trace func(Exchange)
	// NextOrderID makes the order ids that H003 wants of the customer; they must not
	// repeat soon. nil = random ones.
	NextOrderID func() ebics.OrderID
}

const (
	defaultSegmentSize  = 500_000
	maxSegmentSize      = 1 << 20
	defaultMaxOrderData = 1 << 30
)

// Client talks to one bank for one subscriber. It is safe for concurrent use and
// keeps no state between calls but idle connections, which Close gives back.
type Client struct {
	config Config
	http   *http.Client
	traced bool // the transport reports how far a request got
}

// New checks the configuration. It refuses plain HTTP unless the host is a
// loopback address, switched-off certificate checks, keys of a wrong size or
// version, and bank keys below 2,048 bits.
func New(c Config) (*Client, error) {
	target, err := url.Parse(c.URL)
	if err != nil {
		return nil, errors.New("ebics client: the URL is malformed")
	}
	if err := checkURL(target); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	if c.Version == "" {
		c.Version = ebics.H004
	}
	if _, err := ebics.ParseVersion(string(c.Version)); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	if _, err := ebics.ParseDigestKind(string(c.BankDigest)); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	if _, err := ebics.ParseHostID(string(c.HostID)); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	if _, err := ebics.ParsePartnerID(string(c.Subscriber.Partner)); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	if _, err := ebics.ParseUserID(string(c.Subscriber.User)); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	if err := c.Keys.Check(); err != nil {
		return nil, fmt.Errorf("ebics client: subscriber's keys: %w", err)
	}
	if c.Bank != nil {
		if err := c.Bank.Check(); err != nil {
			return nil, fmt.Errorf("ebics client: bank's keys: %w", err)
		}
	}
	if c.Now == nil {
		return nil, errors.New("ebics client: no clock")
	}
	if c.Product == "" {
		c.Product = "Kontor"
	}
	if c.SegmentSize == 0 {
		c.SegmentSize = defaultSegmentSize
	}
	if c.SegmentSize < 4 || c.SegmentSize > maxSegmentSize || c.SegmentSize%4 != 0 {
		return nil, fmt.Errorf("ebics client: segment size %d: want a multiple of 4, at most %d", c.SegmentSize, maxSegmentSize)
	}
	if c.MaxOrderData == 0 {
		c.MaxOrderData = defaultMaxOrderData
	}
	if len(c.Product) > 64 || strings.ContainsAny(c.Product, "\r\n\t") || c.MaxOrderData < 0 {
		return nil, errors.New("ebics client: product name or order data limit is malformed")
	}
	if c.NextOrderID == nil {
		c.NextOrderID = randomOrderID
	}
	client := &Client{config: c}
	if client.http, client.traced, err = hardened(c.HTTP, c.PinnedKeys); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	return client, nil
}

// Close closes idle connections. The client can still be used.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Version is the protocol version that the client speaks.
func (c *Client) Version() ebics.Version { return c.config.Version }

// direction is which way order data goes.
type direction bool

const (
	up   direction = true
	down direction = false
)

// header fills the static header of an initialisation with a fresh nonce.
func (c *Client) header(orderType ebics.OrderType, attribute string) (envelope.Order, error) {
	var nonce [16]byte
	// crypto/rand.Read never returns an error since Go 1.24.
	_, _ = rand.Read(nonce[:])
	o := envelope.Order{
		Nonce: strings.ToUpper(hex.EncodeToString(nonce[:])), Timestamp: c.config.Now(), Subscriber: c.config.Subscriber,
		Product: c.config.Product, Type: orderType, Attribute: attribute,
	}
	if orderType == ebics.HPB {
		return o, nil
	}
	for _, d := range []struct {
		key ebics.PublicKey
		to  *[]byte
	}{{c.config.Bank.Authentication, &o.Authentication}, {c.config.Bank.Encryption, &o.Encryption}} {
		digest, err := d.key.DigestAs(c.config.BankDigest, c.config.Version)
		if err != nil {
			return o, err
		}
		*d.to = digest[:]
	}
	return o, nil
}

// order says an order in the words of the client's version.
func (c *Client) order(o ebics.Order, d direction) (envelope.Order, error) {
	orderType, attribute := o.Type, ebics.AttributeData
	params := envelope.Params{FileName: o.FileName, FileFormat: o.FileFormat, Parameters: o.Parameters}
	switch {
	case c.config.Version.Classic():
		if _, err := ebics.ParseOrderType(string(o.Type)); err != nil {
			return envelope.Order{}, err
		}
		if (o.Type == ebics.FUL || o.Type == ebics.FDL) != (o.FileFormat != nil) {
			return envelope.Order{}, fmt.Errorf("%s: FUL and FDL, and only these, have a file format", o.Named())
		}
		if d == up {
			attribute = o.Attribute
			if attribute != ebics.AttributeOrder && attribute != ebics.AttributeData {
				return envelope.Order{}, fmt.Errorf("order attribute %q: want %s or %s", o.Attribute, ebics.AttributeOrder, ebics.AttributeData)
			}
		}
	case o.Service != nil:
		if err := o.Service.Check(); err != nil {
			return envelope.Order{}, err
		}
		if len([]rune(o.FileName)) > 256 || len([]rune(o.AdditionalInfo)) > 255 {
			return envelope.Order{}, errors.New("the file name or the additional information is too long")
		}
		service := *o.Service
		orderType, params.Service = ebics.BTD, &service
		if d == up {
			orderType, params.Signature = ebics.BTU, o.SignatureFlag()
		}
	case d == up && !administrative(o.Type):
		return envelope.Order{}, fmt.Errorf("%s: H005 names uploads by their service", o.Named())
	default:
		if _, err := ebics.ParseOrderType(string(o.Type)); err != nil {
			return envelope.Order{}, err
		}
	}
	header, err := c.header(orderType, attribute)
	header.Params = params
	return header, err
}

// administrative says whether an upload is one of the protocol's own, which H005
// still names by its order type.
func administrative(t ebics.OrderType) bool {
	switch t {
	case ebics.PUB, ebics.HCA, ebics.HCS:
		return true
	}
	return false
}

// randomOrderID is one of 1.2 million.
func randomOrderID() ebics.OrderID {
	const letters, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var random [4]byte
	_, _ = rand.Read(random[:]) // never returns an error
	id := []byte{letters[int(random[0])%len(letters)]}
	for _, b := range random[1:] {
		id = append(id, digits[int(b)%len(digits)])
	}
	return ebics.OrderID(id)
}

// customerOrderID is an order id in H003, and none in the versions where the bank
// gives it.
func (c *Client) customerOrderID() ebics.OrderID {
	if c.config.Version == ebics.H003 {
		return c.config.NextOrderID()
	}
	return ""
}
