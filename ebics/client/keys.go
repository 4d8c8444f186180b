package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// INI sends the signature key. The bank uses it only after it has compared the
// letter. A second INI is refused by the bank (*Error).
func (c *Client) INI(ctx context.Context) error { return c.sendKeys(ctx, ebics.INI, c.config.Keys) }

// HIA sends the authentication and encryption keys, as INI does.
func (c *Client) HIA(ctx context.Context) error { return c.sendKeys(ctx, ebics.HIA, c.config.Keys) }

// H3K sends all three keys at once, in certificates of an authority that the bank
// trusts; no letter follows. H003 does not have it.
func (c *Client) H3K(ctx context.Context) error { return c.sendKeys(ctx, ebics.H3K, c.config.Keys) }

// keyData is the order data that sends keys.
func (c *Client) keyData(orderType ebics.OrderType, keys ebics.SubscriberKeys) ([]byte, error) {
	data := envelope.KeyOrderData{Subscriber: c.config.Subscriber}
	for _, k := range []struct {
		pair ebics.KeyPair
		to   **ebics.PublicKey
	}{{keys.Signature, &data.Signature}, {keys.Authentication, &data.Authentication}, {keys.Encryption, &data.Encryption}} {
		public := k.pair.Public()
		if c.config.Version.Classic() && orderType != ebics.H3K && !c.config.Certificates {
			public.Certificate = nil
		}
		*k.to = &public
	}
	return envelope.WriteKeys(c.config.Version, orderType, data, c.config.Now())
}

func (c *Client) sendKeys(ctx context.Context, orderType ebics.OrderType, keys ebics.SubscriberKeys) error {
	data, err := c.keyData(orderType, keys)
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	compressed, err := crypto.Deflate(data)
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	request, err := envelope.UnsecuredRequest{
		Version: c.config.Version, Host: c.config.HostID, Subscriber: c.config.Subscriber, Product: c.config.Product, Type: orderType,
		OrderID: c.customerOrderID(), OrderData: compressed,
	}.Write()
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	if _, err := c.manageKeys(ctx, orderType, request); err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	return nil
}

// HPB fetches the bank's public keys, decrypts and checks them. The answer is
// not signed: hand the digests to a person, who compares them with what the
// bank publishes, before the keys go into a Config. BankPublicKeys.Changes says
// what differs from the keys of before.
func (c *Client) HPB(ctx context.Context) (ebics.BankPublicKeys, error) {
	keys, err := c.hpb(ctx)
	if err != nil {
		return ebics.BankPublicKeys{}, fmt.Errorf("HPB: %w", err)
	}
	return keys, nil
}

func (c *Client) hpb(ctx context.Context) (ebics.BankPublicKeys, error) {
	var none ebics.BankPublicKeys
	order, err := c.header(ebics.HPB, ebics.AttributeData)
	if err != nil {
		return none, err
	}
	request, err := envelope.Request{Version: c.config.Version, Host: c.config.HostID, Order: &order}.Sign(c.config.Keys.Authentication)
	if err != nil {
		return none, err
	}
	response, err := c.manageKeys(ctx, ebics.HPB, request)
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
	own := c.config.Keys.Encryption
	if info.KeyVersion != ebics.E002 || !own.Public().NamedBy(info.KeyDigest) {
		return nil, &SignatureError{Err: errors.New("order data is encrypted for another key than ours")}
	}
	key, err := crypto.UnwrapKey(own.Key, info.TransactionKey)
	if err != nil {
		return nil, &SignatureError{Err: err}
	}
	return key, nil
}

// PUB replaces the signature key; the order is signed with the old one. After nil
// the bank knows only the new key, without a letter. After an error that leaves
// open whether the bank has the order (see Transfer), a download with the new
// keys tells: the bank answers 061001 or 091301 to the ones it does not have.
// Keep the old keys until then.
func (c *Client) PUB(ctx context.Context, signature ebics.KeyPair) error {
	next := c.config.Keys
	next.Signature = signature
	return c.replaceKeys(ctx, ebics.PUB, next)
}

// HCA replaces the authentication and encryption keys, as PUB does.
func (c *Client) HCA(ctx context.Context, authentication, encryption ebics.KeyPair) error {
	next := c.config.Keys
	next.Authentication, next.Encryption = authentication, encryption
	return c.replaceKeys(ctx, ebics.HCA, next)
}

// HCS replaces all three keys, as PUB does.
func (c *Client) HCS(ctx context.Context, next ebics.SubscriberKeys) error {
	return c.replaceKeys(ctx, ebics.HCS, next)
}

func (c *Client) replaceKeys(ctx context.Context, orderType ebics.OrderType, next ebics.SubscriberKeys) error {
	if err := next.Check(); err != nil {
		return fmt.Errorf("%s: new keys: %w", orderType, err)
	}
	data, err := c.keyData(orderType, next)
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	var spool bytes.Buffer
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	p, err := c.Prepare(ctx, Order{Type: orderType, Attribute: ebics.AttributeOrder}, open, &spool)
	if err != nil {
		return err
	}
	_, err = c.Send(ctx, p, bytes.NewReader(spool.Bytes()), Progress{}, nil)
	return err
}

// suspension is the order data that SPR signs (and does not send).
const suspension = " "

// SPR suspends the subscriber at the bank, at once: if keys may be known to
// others. Nothing can be sent afterwards but new keys (INI and HIA), after the
// bank has reset the subscriber.
func (c *Client) SPR(ctx context.Context) error {
	hash := crypto.NewOrderHash()
	_, _ = io.WriteString(hash, suspension) // a hash never fails
	return c.signOnly(ctx, ebics.SPR, envelope.Params{}, hash.Normalised())
}

// signOnly sends an order signature without order data; it begins and ends with
// the initialisation.
func (c *Client) signOnly(ctx context.Context, orderType ebics.OrderType, params envelope.Params, digest [32]byte) error {
	err := func() error {
		if c.config.Bank == nil {
			return ErrNoBankKeys
		}
		order, err := c.header(orderType, ebics.AttributeSigned)
		if err != nil {
			return err
		}
		order.Params = params
		p := Prepared{OrderID: c.customerOrderID()}
		if _, err := c.sign(&p, digest); err != nil {
			return err
		}
		_, err = c.exchange(ctx, p.request(c.config.HostID, order))
		return err
	}()
	if err != nil {
		return fmt.Errorf("%s: %w", orderType, err)
	}
	return nil
}
