package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
)

// Offered is a version that a host names in its answer to HEV, also one that this
// package does not know.
type Offered struct {
	Version ebics.Version
	Release string // such as 03.00
}

// ErrNoCommonVersion says that a bank offers no version that the caller accepts.
var ErrNoCommonVersion = errors.New("the bank offers no version that is accepted")

// HEV asks a host for its versions. Of the configuration only URL, HostID, HTTP,
// PinnedKeys, Product, Now and Trace are used. Nothing protects the answer but
// TLS: use it to choose among versions, not to trust one.
//
// Errors: *TransportError, *SignatureError for an answer that is none to HEV,
// *Error for a bad return code.
func HEV(ctx context.Context, config Config) ([]Offered, error) {
	offered, err := hev(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("HEV: %w", err)
	}
	return offered, nil
}

func hev(ctx context.Context, config Config) (offered []Offered, err error) {
	target, err := url.Parse(config.URL)
	if err == nil {
		err = checkURL(target)
	}
	if err == nil {
		_, err = ebics.ParseHostID(string(config.HostID))
	}
	if err == nil && config.Now == nil {
		err = errors.New("no clock")
	}
	if err != nil {
		return nil, err
	}
	if config.Product == "" {
		config.Product = "Kontor"
	}
	c := &Client{config: config}
	if c.http, c.traced, err = hardened(config.HTTP, config.PinnedKeys); err != nil {
		return nil, err
	}
	defer c.Close()
	x := c.begin(envelope.WriteHEVRequest(config.HostID), envelope.Request{Order: &envelope.Order{Type: "HEV"}})
	defer func() { c.end(x, err) }()
	message, err := c.receive(ctx, x)
	if err != nil {
		return nil, err
	}
	if message.Kind == envelope.EbicsKeyManagementResponse {
		return nil, unsignedError(message, "")
	}
	response, err := message.ReadHEVResponse()
	if err != nil {
		return nil, &SignatureError{Err: err}
	}
	x.Technical, x.ReportText = response.Code, reportText(response.ReportText)
	if response.Code != ebics.OK {
		return nil, &Error{Technical: response.Code, Business: ebics.OK, ReportText: x.ReportText}
	}
	for _, o := range response.Offered {
		offered = append(offered, Offered{Version: ebics.Version(o.Protocol), Release: o.Release})
	}
	return offered, nil
}

// Negotiate asks for the bank's versions and takes the first of preferred that it
// offers; none preferred means H005, then H004. H003 is taken only by name.
//
// Errors: those of HEV, and ErrNoCommonVersion.
func Negotiate(ctx context.Context, config Config, preferred ...ebics.Version) (ebics.Version, error) {
	if len(preferred) == 0 {
		preferred = []ebics.Version{ebics.H005, ebics.H004}
	}
	offered, err := HEV(ctx, config)
	if err != nil {
		return "", err
	}
	for _, v := range preferred {
		if slices.ContainsFunc(offered, func(o Offered) bool { return o.Version == v }) {
			return v, nil
		}
	}
	return "", fmt.Errorf("%w: it offers %v", ErrNoCommonVersion, offered)
}
