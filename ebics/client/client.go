// Package client speaks EBICS 2.5 (H004) to a bank: it initialises a
// subscriber (INI, HIA, HPB), uploads orders in steps between which the caller
// can keep a journal, and downloads. Every answer's signature is checked before
// anything in it is used.
package client

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// Config says who talks to which bank with which keys.
type Config struct {
	URL        string // https; http only to a loopback address
	HostID     ebics.HostID
	Subscriber ebics.Subscriber
	Keys       ebics.SubscriberKeys
	// Bank holds the bank's keys after a person has compared them. Without it
	// only INI, HIA and HPB are possible.
	Bank *ebics.BankPublicKeys
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
	client := &Client{config: c}
	if client.http, client.traced, err = hardened(c.HTTP); err != nil {
		return nil, fmt.Errorf("ebics client: %w", err)
	}
	return client, nil
}

// Close closes idle connections. The client can still be used.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// INI sends the signature key. The bank uses it only after it has compared the
// letter. A second INI is refused by the bank (*Error).
func (c *Client) INI(ctx context.Context) error {
	data := envelope.WriteINI(c.config.Subscriber, c.config.Keys.Signature.Public(), c.config.Now())
	return c.sendKeys(ctx, ebics.INI, data)
}

// HIA sends the authentication and encryption keys, as INI does.
func (c *Client) HIA(ctx context.Context) error {
	keys := c.config.Keys
	data := envelope.WriteHIA(c.config.Subscriber, keys.Authentication.Public(), keys.Encryption.Public(), c.config.Now())
	return c.sendKeys(ctx, ebics.HIA, data)
}

func (c *Client) sendKeys(ctx context.Context, orderType ebics.OrderType, data []byte) error {
	compressed, err := crypto.Deflate(data)
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	request, err := envelope.UnsecuredRequest{
		Host: c.config.HostID, Subscriber: c.config.Subscriber, Product: c.config.Product, Type: orderType, OrderData: compressed,
	}.Write()
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	if _, err := c.manageKeys(ctx, request); err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	return nil
}

// HPB fetches the bank's public keys, decrypts and checks them. The answer is
// not signed: hand the digests to a person, who compares them with what the
// bank publishes, before the keys go into a Config.
func (c *Client) HPB(ctx context.Context) (ebics.BankPublicKeys, error) {
	keys, err := c.hpb(ctx)
	if err != nil {
		return ebics.BankPublicKeys{}, fmt.Errorf("HPB: %w", err)
	}
	return keys, nil
}

func (c *Client) hpb(ctx context.Context) (ebics.BankPublicKeys, error) {
	var none ebics.BankPublicKeys
	order := c.order(ebics.HPB, ebics.AttributeData)
	request, err := envelope.Request{Host: c.config.HostID, Order: &order}.Sign(c.config.Keys.Authentication)
	if err != nil {
		return none, err
	}
	response, err := c.manageKeys(ctx, request)
	if err != nil {
		return none, err
	}
	if response.Encryption == nil {
		return none, &SignatureError{Err: errors.New("the bank's answer has no keys")}
	}
	key, err := c.unwrap(response.Encryption)
	if err != nil {
		return none, err
	}
	ciphertext, err := crypto.DecodeBase64(response.OrderData)
	if err != nil {
		return none, &SignatureError{Err: err}
	}
	data, err := crypto.Decrypt(key, ciphertext, envelope.MaxKeyOrderData)
	if err != nil {
		return none, &SignatureError{Err: err}
	}
	keys, host, err := envelope.ReadHPB(data)
	if err != nil {
		return none, &SignatureError{Err: err}
	}
	if host != c.config.HostID {
		return none, &SignatureError{Err: fmt.Errorf("keys are those of host %q", host)}
	}
	return keys, nil
}

// unwrap decrypts a transaction key that was encrypted for our E002 key.
func (c *Client) unwrap(info *envelope.EncryptionInfo) ([]byte, error) {
	digest := c.config.Keys.Encryption.Public().Digest()
	if info.KeyVersion != ebics.E002 || string(info.KeyDigest) != string(digest[:]) {
		return nil, &SignatureError{Err: errors.New("order data is encrypted for another key than ours")}
	}
	key, err := crypto.UnwrapKey(c.config.Keys.Encryption.Key, info.TransactionKey)
	if err != nil {
		return nil, &SignatureError{Err: err}
	}
	return key, nil
}

// order fills the static header of an initialisation with a fresh nonce.
func (c *Client) order(orderType ebics.OrderType, attribute string) envelope.Order {
	var nonce [16]byte
	// crypto/rand.Read never returns an error since Go 1.24.
	_, _ = rand.Read(nonce[:])
	o := envelope.Order{
		Nonce: strings.ToUpper(hex.EncodeToString(nonce[:])), Timestamp: c.config.Now(), Subscriber: c.config.Subscriber,
		Product: c.config.Product, Type: orderType, Attribute: attribute,
	}
	if orderType != ebics.HPB {
		authentication, encryption := c.config.Bank.Authentication.Digest(), c.config.Bank.Encryption.Digest()
		o.Authentication, o.Encryption = authentication[:], encryption[:]
	}
	return o
}
