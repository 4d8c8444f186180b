package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"kontor/ebics"
	"kontor/ebics/internal/envelope"
	"kontor/xmlscan"
)

// exchange sends a signed request and returns the bank's verified answer if
// both return codes are good.
//
// Errors: *TransportError, *SignatureError, or *Error for a bad return code.
func (c *Client) exchange(ctx context.Context, request envelope.Request) (envelope.Response, error) {
	response, err := c.ask(ctx, request)
	if err != nil {
		return envelope.Response{}, err
	}
	switch outcome(response.Technical, response.Business) {
	case ebics.Done:
	case ebics.BankKeyChanged:
		return envelope.Response{}, &KeyChangedError{Answer: answered(request, response)}
	case ebics.Unknown, ebics.Nothing, ebics.Resume, ebics.Retry, ebics.Replayed, ebics.Refused, ebics.Broken:
		return envelope.Response{}, answered(request, response)
	}
	if request.Phase != envelope.Receipt && (postprocess(response.Technical) || postprocess(response.Business)) {
		return envelope.Response{}, &SignatureError{Err: fmt.Errorf("answer %s/%s is one to a receipt", response.Technical, response.Business)}
	}
	if response.Phase != request.Phase {
		return envelope.Response{}, &SignatureError{Err: fmt.Errorf("answer to phase %s is one to %s", request.Phase, response.Phase)}
	}
	if request.TransactionID != "" && response.TransactionID != request.TransactionID {
		return envelope.Response{}, &SignatureError{Err: errors.New("answer belongs to another transaction")}
	}
	return response, nil
}

// postprocess says whether a code answers a receipt; anywhere else it must not pass for success.
func postprocess(c ebics.ReturnCode) bool {
	return c == ebics.DownloadPostprocessDone || c == ebics.DownloadPostprocessSkipped
}

func answered(request envelope.Request, response envelope.Response) *Error {
	e := &Error{
		Technical: response.Technical, Business: response.Business, ReportText: reportText(response.ReportText),
		Phase: string(request.Phase), Signed: true,
	}
	if response.Technical == ebics.TxRecoverySync && response.Segment != nil {
		e.Segment = response.Segment.Number
	}
	return e
}

// ask sends a signed request and verifies the answer, whatever its codes.
func (c *Client) ask(ctx context.Context, request envelope.Request) (response envelope.Response, err error) {
	if c.config.Bank == nil {
		return response, ErrNoBankKeys
	}
	request.Version = c.config.Version
	document, err := request.Sign(c.config.Keys.Authentication)
	if err != nil {
		return response, err
	}
	x := c.begin(document, request)
	defer func() {
		x.Technical, x.Business, x.ReportText = response.Technical, response.Business, reportText(response.ReportText)
		c.end(x, err)
	}()
	message, err := c.receive(ctx, x)
	if err != nil {
		return response, err
	}
	if message.Kind == envelope.EbicsKeyManagementResponse {
		return response, unsignedError(message, string(request.Phase))
	}
	verified, err := message.VerifyResponse(c.config.Bank.Authentication)
	if err == nil && verified.Version != request.Version {
		err = fmt.Errorf("the answer is one of %s", verified.Version)
	}
	if err != nil {
		return response, &SignatureError{Err: err}
	}
	return verified, nil
}

// receive posts the document of an exchange and reads the outline of the answer.
func (c *Client) receive(ctx context.Context, x *Exchange) (*envelope.Message, error) {
	answer, err := c.post(ctx, x.Request)
	x.Response = answer
	if err != nil {
		return nil, err
	}
	return outline(answer)
}

// outline reads the outline of an answer.
func outline(answer []byte) (*envelope.Message, error) {
	message, err := envelope.Read(answer)
	var syntax *xmlscan.SyntaxError
	switch {
	case errors.As(err, &syntax):
		// A maintenance page, or an answer that was cut off.
		return nil, &TransportError{Sent: true, Err: fmt.Errorf("answer is not XML: %w", err)}
	case err != nil:
		return nil, &SignatureError{Err: err}
	}
	return message, nil
}

// unsignedError reads an unsigned answer to a signed request. It can only be an
// error: unsigned success, and whatever else would let the caller go on, is not
// believed.
func unsignedError(message *envelope.Message, phase string) error {
	response, err := message.ReadKeyManagementResponse()
	if err != nil {
		return &SignatureError{Err: err}
	}
	switch outcome(response.Technical, response.Business) {
	case ebics.Done, ebics.Nothing, ebics.Resume:
		return &SignatureError{Err: fmt.Errorf("answer %s/%s is not signed", response.Technical, response.Business)}
	case ebics.Unknown, ebics.Retry, ebics.Replayed, ebics.BankKeyChanged, ebics.Refused, ebics.Broken:
	}
	e := &Error{Technical: response.Technical, Business: response.Business, ReportText: reportText(response.ReportText), Phase: phase}
	if e.Outcome() == ebics.BankKeyChanged {
		return &KeyChangedError{Answer: e}
	}
	return e
}

// manageKeys sends a key management request and returns the unsigned answer if
// both return codes are good.
func (c *Client) manageKeys(ctx context.Context, orderType ebics.OrderType, document []byte) (response envelope.KeyManagementResponse, err error) {
	x := c.begin(document, envelope.Request{Order: &envelope.Order{Type: orderType}})
	defer func() {
		x.Technical, x.Business, x.ReportText = response.Technical, response.Business, reportText(response.ReportText)
		c.end(x, err)
	}()
	message, err := c.receive(ctx, x)
	if err != nil {
		return response, err
	}
	if response, err = message.ReadKeyManagementResponse(); err != nil {
		return response, &SignatureError{Err: err}
	}
	if outcome(response.Technical, response.Business) != ebics.Done {
		return response, &Error{Technical: response.Technical, Business: response.Business, ReportText: reportText(response.ReportText)}
	}
	return response, nil
}

// reportText makes the bank's words fit for a log: one line, at most the 256
// characters that the schema allows.
func reportText(text string) string {
	words := []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " "))
	return string(words[:min(len(words), 256)])
}
