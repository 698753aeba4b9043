// Package insightlycontainer runs the image of insightly-scim for tests, by Testcontainers.
//
//	container, err := insightlycontainer.Run(ctx, "insightly-scim")
//	...
//	crm := container.Insightly.NewInstance(t)
package insightlycontainer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	insightly "github.com/example/insightly-scim/clients/go"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const port = "8080/tcp"

// Container is a server that runs in a container, ready for requests.
type Container struct {
	testcontainers.Container
	// Insightly is the instance made at the server's start; its NewInstance makes one for a test.
	Insightly *insightly.Instance
}

// Run starts the server of an image, in memory unless the options say otherwise, and waits until it answers. Whoever
// calls it terminates it, best by testcontainers.CleanupContainer; after an error nothing is left to terminate.
func Run(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (container *Container, err error) {
	// Testcontainers panics where it finds no Docker at all.
	defer func() {
		if problem := recover(); problem != nil {
			words := strings.ReplaceAll(fmt.Sprint(problem), "\n", "; ")
			container, err = nil, fmt.Errorf("insightly: no container can be run (%s); start Docker, or test without a container", words)
		}
	}()
	adminKey := rand.Text()
	given := append([]testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(port),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/readyz").WithPort(port)),
		testcontainers.WithEnv(map[string]string{"INSIGHTLY_SCIM_DATA": ""}),
	}, options...)
	given = append(given, testcontainers.WithEnv(map[string]string{"INSIGHTLY_SCIM_ADMIN_KEY": adminKey}))
	started, err := testcontainers.Run(ctx, image, given...)
	if err != nil {
		return nil, fmt.Errorf("insightly: the image %s cannot be run; is Docker running, and the image built? %w", image, errors.Join(err, testcontainers.TerminateContainer(started)))
	}
	found, err := connect(ctx, started, adminKey)
	if err != nil {
		return nil, errors.Join(err, testcontainers.TerminateContainer(started))
	}
	return &Container{Container: started, Insightly: found}, nil
}

func connect(ctx context.Context, started testcontainers.Container, adminKey string) (*insightly.Instance, error) {
	url, err := started.PortEndpoint(ctx, port, "http")
	if err != nil {
		return nil, fmt.Errorf("insightly: %w", err)
	}
	return insightly.Connect(ctx, insightly.Address{ControlURL: url + "/_emulator", AdminKey: adminKey})
}
