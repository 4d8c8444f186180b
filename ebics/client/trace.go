package client

import (
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
)

// Exchange is one request with what came of it, as Config.Trace gets it. The
// slices must not be kept beyond the call. The documents hold no private key and
// no order data in clear, but INI, HIA and H3K name public keys, and order data
// is in them as ciphertext: whoever keeps them for people to read masks both.
type Exchange struct {
	Version       ebics.Version
	Order         ebics.OrderType // of an initialisation, of key management, or HEV; AdminOrderType in H005
	Phase         string          // Initialisation, Transfer or Receipt; "" in key management
	TransactionID string          // of the request; of the answer to an initialisation see Response
	Segment       int             // that was sent or asked for, or 0
	Request       []byte
	Response      []byte // nil if none came, or one that is no HTTP success

	Technical, Business ebics.ReturnCode // "" if the answer was none to be trusted
	ReportText          string
	Err                 error // what the caller gets for this exchange; nil if it was carried out
	Started             time.Time
	Duration            time.Duration
}

func (c *Client) begin(document []byte, r envelope.Request) *Exchange {
	x := &Exchange{
		Version: c.config.Version, Phase: string(r.Phase), TransactionID: r.TransactionID, Request: document, Started: c.config.Now(),
	}
	if r.Order != nil {
		x.Order = r.Order.Type
	}
	if r.Segment != nil {
		x.Segment = r.Segment.Number
	}
	return x
}

// end tells the trace of an exchange that is over.
func (c *Client) end(x *Exchange, err error) {
	if c.config.Trace == nil {
		return
	}
	x.Duration, x.Err = c.config.Now().Sub(x.Started), err
	c.config.Trace(*x)
}
