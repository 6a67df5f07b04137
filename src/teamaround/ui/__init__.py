"""The design system: page layouts, one form renderer, components, and how dates read. It knows nothing of the domain."""
