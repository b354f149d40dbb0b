"""WooCommerce: products, orders, customers and coupons of a WordPress shop."""
