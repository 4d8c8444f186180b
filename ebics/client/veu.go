package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/veu"
)

// HVU lists the orders that wait for signatures and that the subscriber may see;
// none is an empty list.
func (c *Client) HVU(ctx context.Context, f veu.Filter) ([]veu.Order, error) {
	return c.waiting(ctx, ebics.HVU, f)
}

// HVZ is HVU with the digest of each order and its sums: all that is needed to sign.
func (c *Client) HVZ(ctx context.Context, f veu.Filter) ([]veu.Order, error) {
	return c.waiting(ctx, ebics.HVZ, f)
}

func (c *Client) waiting(ctx context.Context, t ebics.OrderType, f veu.Filter) (orders []veu.Order, err error) {
	params := envelope.Params{Filter: &f}
	err = c.fetch(ctx, t, params, func(data io.Reader) (err error) {
		orders, err = veu.ReadOrders(data)
		return err
	})
	if errors.Is(err, ErrNoData) {
		return nil, nil
	}
	return orders, err
}

// HVD fetches the state of one order, with the digest that HVE signs.
func (c *Client) HVD(ctx context.Context, r veu.Reference) (details veu.Details, err error) {
	err = c.fetch(ctx, ebics.HVD, envelope.Params{Reference: &r}, func(data io.Reader) (err error) {
		details, err = veu.ReadDetails(data)
		return err
	})
	return details, err
}

// HVT fetches the transactions of one order, limit of them from the offset-th on,
// counted from 0; limit 0 is all.
func (c *Client) HVT(ctx context.Context, r veu.Reference, limit, offset int) (transactions veu.Transactions, err error) {
	params := envelope.Params{Reference: &r, Window: &veu.Window{Limit: limit, Offset: offset}}
	err = c.fetch(ctx, ebics.HVT, params, func(data io.Reader) (err error) {
		transactions, err = veu.ReadTransactions(data)
		return err
	})
	return transactions, err
}

// HVTFile fetches the order data of one order as it was submitted. store is as for
// Download.
func (c *Client) HVTFile(ctx context.Context, r veu.Reference, store func(data io.Reader) error) error {
	return c.fetch(ctx, ebics.HVT, envelope.Params{Reference: &r, Window: &veu.Window{Complete: true}}, store)
}

// fetch is a download of an order type that has parameters of its own.
func (c *Client) fetch(ctx context.Context, t ebics.OrderType, params envelope.Params, store func(io.Reader) error) error {
	err := func() error {
		if c.config.Bank == nil {
			return ErrNoBankKeys
		}
		if params.Reference != nil {
			if err := params.Reference.Check(c.config.Version); err != nil {
				return err
			}
		}
		order, err := c.header(t, ebics.AttributeData)
		if err != nil {
			return err
		}
		order.Params = params
		return c.download(ctx, order, store)
	}()
	if err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	return nil
}

// HVE signs an order that waits: digest is that of its order data. Whoever signs
// should have seen the data: fetch it with HVTFile and take veu.Digest of it, or
// compare that with the digest of HVZ or HVD.
//
// Errors: as Transfer; 090003 says that the subscriber may not sign, 091306 that
// it has signed, 091305 that its class helps nothing, 091301 that the bank has
// another digest.
func (c *Client) HVE(ctx context.Context, r veu.Reference, digest [32]byte) error {
	return c.decide(ctx, ebics.HVE, r, digest)
}

// HVEFile is HVE for order data at hand, which is hashed and not sent.
func (c *Client) HVEFile(ctx context.Context, r veu.Reference, data io.Reader) error {
	digest, err := veu.Digest(data)
	if err != nil {
		return fmt.Errorf("HVE: %w", err)
	}
	return c.HVE(ctx, r, digest)
}

// HVS cancels an order that waits; digest and errors as for HVE.
func (c *Client) HVS(ctx context.Context, r veu.Reference, digest [32]byte) error {
	return c.decide(ctx, ebics.HVS, r, digest)
}

func (c *Client) decide(ctx context.Context, t ebics.OrderType, r veu.Reference, digest [32]byte) error {
	if err := r.Check(c.config.Version); err != nil {
		return fmt.Errorf("%s: %w", t, err)
	}
	return c.signOnly(ctx, t, envelope.Params{Reference: &r}, digest)
}
