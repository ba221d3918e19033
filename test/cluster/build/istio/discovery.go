package main

import (
	"fmt"

	"google.golang.org/protobuf/types/known/wrapperspb"
	"k8s.io/client-go/tools/clientcmd"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/aggregate"
	"istio.io/istio/pilot/pkg/config/kube/crdclient"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	registries "istio.io/istio/pilot/pkg/serviceregistry/aggregate"
	kuberegistry "istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pilot/pkg/serviceregistry/serviceentry"
	"istio.io/istio/pilot/pkg/xds"
	v3 "istio.io/istio/pilot/pkg/xds/v3"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/gvk"
	"istio.io/istio/pkg/config/schema/kind"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/kube/multicluster"
	"istio.io/istio/pkg/util/sets"
)

const (
	domainSuffix    = "cluster.local"
	systemNamespace = "istio-system"
	clusterID       = cluster.ID("Kubernetes")
)

// discovery turns Services, EndpointSlices and Istio's resources into Envoy's configuration.
type discovery struct {
	server   *xds.DiscoveryServer
	client   kube.Client
	clusters *multicluster.Controller
	config   model.ConfigStoreController
	routes   *model.VirtualServiceController
	services *registries.Controller
}

// newDiscovery connects the parts; nothing runs before start.
func newDiscovery(kubeconfig string) (*discovery, error) {
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}
	client, err := kube.NewClient(clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil), clusterID)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %q: %w", kubeconfig, err)
	}
	// Before any informer is made: those of resources that are not served yet then wait for their definition.
	kube.EnableCrdWatcher(client)

	meshWatcher := meshwatcher.NewTestWatcher(newMeshConfig())
	env := model.NewEnvironment()
	env.Watcher = meshWatcher
	env.NetworksWatcher = meshwatcher.NewFixedNetworksWatcher(nil)
	env.DomainSuffix = domainSuffix
	server := xds.NewDiscoveryServer(env, map[string]string{}, krt.GlobalDebugHandler)

	resources := crdclient.New(client, crdclient.Option{
		DomainSuffix: domainSuffix,
		Identifier:   "istio",
		KrtDebugger:  krt.GlobalDebugHandler,
	})
	configStore, err := aggregate.MakeCache([]model.ConfigStoreController{resources})
	if err != nil {
		return nil, fmt.Errorf("config store: %w", err)
	}
	clusters := multicluster.NewController(multicluster.ControllerOptions{
		Client:          client,
		ClusterID:       clusterID,
		SystemNamespace: systemNamespace,
		MeshConfig:      meshWatcher,
		Debugger:        krt.GlobalDebugHandler,
	})
	if clusters == nil {
		return nil, fmt.Errorf("cluster registry could not be made")
	}

	d := &discovery{
		server:   server,
		client:   client,
		clusters: clusters,
		config:   configStore,
		routes: model.NewVirtualServiceController(configStore, model.VSControllerOptions{
			KrtDebugger: krt.GlobalDebugHandler,
			XDSUpdater:  server,
		}, meshWatcher),
		services: registries.NewController(registries.Options{ConfigClusterID: clusterID}),
	}
	d.services.AddRegistry(serviceentry.NewController(configStore, server, clusters, meshWatcher,
		serviceentry.WithClusterID(clusterID), serviceentry.WithKRTDebugger(krt.GlobalDebugHandler)))
	d.services.AddRegistry(kuberegistry.NewController(client, kuberegistry.Options{
		SystemNamespace:       systemNamespace,
		DomainSuffix:          domainSuffix,
		ClusterID:             clusterID,
		XDSUpdater:            server,
		MeshNetworksWatcher:   env.NetworksWatcher,
		MeshWatcher:           meshWatcher,
		MeshServiceController: d.services,
		ConfigCluster:         true,
		Metrics:               env,
	}))

	env.ServiceDiscovery = d.services
	env.ConfigStore = configStore
	env.VirtualServiceController = d.routes
	env.AmbientIndexes = &model.NoopAmbientIndexes{}
	env.Init()
	if err := env.InitNetworksManager(server); err != nil {
		return nil, fmt.Errorf("networks: %w", err)
	}

	generator := core.NewConfigGenerator(server.Cache)
	server.Generators = map[string]model.XdsResourceGenerator{
		v3.ClusterType:  &xds.CdsGenerator{ConfigGenerator: generator},
		v3.ListenerType: &xds.LdsGenerator{ConfigGenerator: generator},
		v3.RouteType:    &xds.RdsGenerator{ConfigGenerator: generator},
		v3.EndpointType: &xds.EdsGenerator{Cache: server.Cache, EndpointIndex: env.EndpointIndex},
	}
	d.pushOnChange()
	return d, nil
}

// newMeshConfig is Istio's default without automatic mTLS: there is no authority that could issue the
// certificates, so every cluster would wait for them for ever.
func newMeshConfig() *meshconfig.MeshConfig {
	m := mesh.DefaultMeshConfig()
	m.EnableAutoMtls = wrapperspb.Bool(false)
	return m
}

// pushOnChange sends proxies their new configuration when a Service or one of Istio's resources changes.
func (d *discovery) pushOnChange() {
	push := func(key model.ConfigKey, reason model.TriggerReason) {
		d.server.ConfigUpdate(&model.PushRequest{
			Full:           true,
			ConfigsUpdated: sets.New(key),
			Reason:         model.NewReasonStats(reason),
		})
	}
	d.services.AppendServiceHandler(func(_, current *model.Service, _ model.Event) {
		push(model.ConfigKey{
			Kind:      kind.ServiceEntry,
			Name:      string(current.Hostname),
			Namespace: current.Attributes.Namespace,
		}, model.ServiceUpdate)
	})
	// These have controllers of their own, which push by themselves.
	pushedElsewhere := sets.New(gvk.ServiceEntry, gvk.WorkloadEntry, gvk.WorkloadGroup, gvk.VirtualService)
	for _, schema := range collections.Pilot.All() {
		if pushedElsewhere.Contains(schema.GroupVersionKind()) {
			continue
		}
		d.config.RegisterEventHandler(schema.GroupVersionKind(), func(_, current config.Config, _ model.Event) {
			push(model.ConfigKey{
				Kind:      gvk.MustToKind(current.GroupVersionKind),
				Name:      current.Name,
				Namespace: current.Namespace,
			}, model.ConfigUpdate)
		})
	}
}

// start runs all parts until stop is closed and returns when their caches are full;
// false when stop was closed before.
func (d *discovery) start(stop <-chan struct{}) bool {
	d.client.RunAndWait(stop)
	go func() { _ = d.clusters.Run(stop) }()
	go d.config.Run(stop)
	go d.routes.Run(stop)
	go d.services.Run(stop)
	d.server.Start(stop)
	if !kube.WaitForCacheSync("istio", stop, d.clusters.HasSynced, d.config.HasSynced, d.services.HasSynced, d.routes.HasSynced) {
		return false
	}
	d.server.CachesSynced()
	d.server.ConfigUpdate(&model.PushRequest{
		Full:   true,
		Forced: true,
		Reason: model.NewReasonStats(model.GlobalUpdate),
	})
	return true
}
