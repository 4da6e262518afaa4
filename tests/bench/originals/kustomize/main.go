// Builds folders with kustomize's own library, over the real file system, in the order in which `kustomize build` prints.
package main

import (
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"weir.dev/bench/originals/measure"
)

func main() {
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	measure.Main(func(folder string) (func() ([]byte, error), error) {
		return func() ([]byte, error) {
			resources, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), folder)
			if err != nil {
				return nil, err
			}
			return resources.AsYaml()
		}, nil
	})
}
