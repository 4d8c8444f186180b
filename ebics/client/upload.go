package client

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
)

// Order names what is uploaded.
type Order struct {
	Type      ebics.OrderType `json:"type"`
	Attribute string          `json:"attribute"` // OZHNN or DZHNN
}

// Prepared is an upload that is ready to be sent: signed, compressed, encrypted
// and cut into segments. It can be stored as JSON and holds no secret in clear.
// Sending it again sends the same bytes.
type Prepared struct {
	Order       Order `json:"order"`
	Segments    int   `json:"segments"`    // at least 1
	SegmentSize int   `json:"segmentSize"` // base64 characters; the last segment may be shorter
	SpoolSize   int64 `json:"spoolSize"`   // base64 characters in all segments

	EncryptedKey  []byte `json:"encryptedKey"`  // transaction key, for the bank's E002
	SignatureData []byte `json:"signatureData"` // encrypted order signature
	BankKeyDigest []byte `json:"bankKeyDigest"` // of the bank's E002 key that was used
}

// Range gives the place of segment number (1 to Segments) in the spool.
func (p Prepared) Range(number int) (offset, length int64) {
	offset = int64(number-1) * int64(p.SegmentSize)
	return offset, min(int64(p.SegmentSize), p.SpoolSize-offset)
}

// Transaction is an upload that the bank has opened.
type Transaction struct {
	ID      string        `json:"id"`      // 32 hexadecimal digits
	OrderID ebics.OrderID `json:"orderId"` // assigned by the bank; "" if it gives none
}

// Prepare signs the order data in the version of the subscriber's signature key
// (A005 or A006), compresses and encrypts it, and writes the segments as base64
// text to spool, one after the other. It opens data twice: to hash, and to
// encrypt; if both readings differ it fails. The bytes go to the bank unchanged.
// Memory does not depend on the size.
func (c *Client) Prepare(ctx context.Context, o Order, data func() (io.ReadCloser, error), spool io.Writer) (Prepared, error) {
	p, err := c.prepare(ctx, o, data, spool)
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare %s: %w", o.Type, err)
	}
	return p, nil
}

func (c *Client) prepare(ctx context.Context, o Order, data func() (io.ReadCloser, error), spool io.Writer) (Prepared, error) {
	if c.config.Bank == nil {
		return Prepared{}, ErrNoBankKeys
	}
	if _, err := ebics.ParseOrderType(string(o.Type)); err != nil {
		return Prepared{}, err
	}
	if o.Attribute != ebics.AttributeOrder && o.Attribute != ebics.AttributeData {
		return Prepared{}, fmt.Errorf("order attribute %q: want %s or %s", o.Attribute, ebics.AttributeOrder, ebics.AttributeData)
	}
	signed := crypto.NewOrderHash()
	size, err := read(ctx, data, signed)
	if err != nil {
		return Prepared{}, err
	}
	if size == 0 {
		return Prepared{}, errors.New("order data is empty")
	}
	own := c.config.Keys.Signature
	signature, err := crypto.SignOrder(own.Version, own.Key, signed.Normalised())
	if err != nil {
		return Prepared{}, err
	}
	key := crypto.NewTransactionKey()
	bank := c.config.Bank.Encryption
	digest := bank.Digest()
	p := Prepared{Order: o, SegmentSize: c.config.SegmentSize, BankKeyDigest: digest[:]}
	if p.EncryptedKey, err = crypto.WrapKey(bank.Key, key); err != nil {
		return Prepared{}, err
	}
	signatures := envelope.WriteSignatures(envelope.OrderSignature{Version: own.Version, Subscriber: c.config.Subscriber, Value: signature})
	if p.SignatureData, err = crypto.Encrypt(key, signatures); err != nil {
		return Prepared{}, err
	}
	encrypted := crypto.NewOrderHash()
	if p.SpoolSize, err = encryptTo(ctx, data, key, encrypted, spool); err != nil {
		return Prepared{}, err
	}
	if encrypted.Raw() != signed.Raw() {
		return Prepared{}, errors.New("order data changed between signing and encrypting")
	}
	segments := (p.SpoolSize + int64(p.SegmentSize) - 1) / int64(p.SegmentSize)
	if segments > 1<<31-1 {
		return Prepared{}, errors.New("too many segments")
	}
	p.Segments = int(segments)
	return p, nil
}

// encryptTo writes the base64 text of the encrypted data to spool and returns
// its length.
func encryptTo(ctx context.Context, data func() (io.ReadCloser, error), key []byte, hash io.Writer, spool io.Writer) (int64, error) {
	counted := &countWriter{w: spool}
	buffered := bufio.NewWriterSize(counted, 64<<10)
	text := base64.NewEncoder(base64.StdEncoding, buffered)
	encrypt, err := crypto.EncryptWriter(text, key)
	if err != nil {
		return 0, err
	}
	if _, err := read(ctx, data, io.MultiWriter(hash, encrypt)); err != nil {
		return 0, err
	}
	for _, finish := range []func() error{encrypt.Close, text.Close, buffered.Flush} {
		if err := finish(); err != nil {
			return 0, fmt.Errorf("write spool: %w", err)
		}
	}
	return counted.n, nil
}

// read copies the order data once from its beginning.
func read(ctx context.Context, data func() (io.ReadCloser, error), to io.Writer) (int64, error) {
	source, err := data()
	if err != nil {
		return 0, fmt.Errorf("open order data: %w", err)
	}
	n, err := io.Copy(to, contextReader{ctx, source})
	if closeErr := source.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return 0, fmt.Errorf("read order data: %w", err)
	}
	return n, nil
}

// contextReader ends a long copy when its context ends.
type contextReader struct {
	ctx context.Context //nolint:containedctx // io.Reader has no place for it
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// Initialise opens the transaction of a prepared upload. Nothing is delivered
// by it: before the last segment has been sent the bank has no order, so after
// any error here the upload may be started again.
func (c *Client) Initialise(ctx context.Context, p Prepared) (Transaction, error) {
	t, err := c.initialise(ctx, p)
	if err != nil {
		return Transaction{}, fmt.Errorf("initialise %s: %w", p.Order.Type, err)
	}
	return t, nil
}

func (c *Client) initialise(ctx context.Context, p Prepared) (Transaction, error) {
	if c.config.Bank == nil {
		return Transaction{}, ErrNoBankKeys
	}
	digest := c.config.Bank.Encryption.Digest()
	if string(p.BankKeyDigest) != string(digest[:]) {
		return Transaction{}, ErrBankKeyChanged
	}
	if p.Segments < 1 {
		return Transaction{}, errors.New("upload without segments")
	}
	order := c.order(p.Order.Type, p.Order.Attribute)
	order.Segments = &p.Segments
	response, err := c.exchange(ctx, envelope.Request{
		Host: c.config.HostID, Phase: envelope.Initialisation, Order: &order, SignatureData: p.SignatureData,
		Encryption: &envelope.EncryptionInfo{KeyVersion: ebics.E002, KeyDigest: p.BankKeyDigest, TransactionKey: p.EncryptedKey},
	})
	if err != nil {
		return Transaction{}, err
	}
	if response.TransactionID == "" {
		return Transaction{}, &SignatureError{Err: errors.New("the bank opened no transaction")}
	}
	return Transaction{ID: response.TransactionID, OrderID: response.OrderID}, nil
}

// Transfer sends segment number (from 1) of a transaction; segment is the
// base64 text as spooled. With the last segment the order is delivered: write
// that down before the call. After a *TransportError with Sent, a
// *SignatureError, or an Outcome Unknown or Retry on the last segment, nobody
// knows whether the bank has the order, and only its protocol (HAC) tells.
func (c *Client) Transfer(ctx context.Context, t Transaction, number int, last bool, segment []byte) error {
	if number < 1 || len(segment) == 0 || len(segment) > maxSegmentSize {
		return fmt.Errorf("transfer segment %d: malformed segment of %d characters", number, len(segment))
	}
	response, err := c.exchange(ctx, envelope.Request{
		Host: c.config.HostID, Phase: envelope.Transfer, TransactionID: t.ID,
		Segment: &envelope.Segment{Number: number, Last: last}, OrderData: segment,
	})
	if err != nil {
		return fmt.Errorf("transfer segment %d: %w", number, err)
	}
	if response.Segment != nil && response.Segment.Number != number {
		err := fmt.Errorf("answer to segment %d", response.Segment.Number)
		return fmt.Errorf("transfer segment %d: %w", number, &SignatureError{Err: err})
	}
	return nil
}
