"""The face that Machi shows to notebooks and scripts; its names stand in `machi` itself."""
