// Command kstatus reads Kubernetes objects, one JSON document each, from standard input, and prints for
// each one line of JSON: what kstatus, the library that Flux waits with, concludes from it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func judge(in io.Reader, out io.Writer) error {
	documents, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var document json.RawMessage
		if err := documents.Decode(&document); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading an object: %w", err)
		}
		// Its own reader keeps whole numbers whole; kstatus does not see a generation that is a float.
		var object unstructured.Unstructured
		if err := object.UnmarshalJSON(document); err != nil {
			return fmt.Errorf("reading an object: %w", err)
		}
		result, err := status.Compute(&object)
		if err != nil {
			return fmt.Errorf("judging an object: %w", err)
		}
		if err := answers.Encode(verdict{string(result.Status), result.Message}); err != nil {
			return fmt.Errorf("writing a verdict: %w", err)
		}
	}
}

func main() {
	if err := judge(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}
