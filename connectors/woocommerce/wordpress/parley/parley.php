<?php
/**
 * Plugin Name:          Parley
 * Description:          The chat of your own Parley hub on this site: it knows who is logged in, and your team sees their orders.
 * Version:              0.1.0
 * Requires at least:    6.3
 * Requires PHP:         7.4
 * Author:               Parley
 * License:              Apache-2.0
 * License URI:          https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain:          parley
 * Domain Path:          /languages
 * WC requires at least: 8.2
 * WC tested up to:      10.5
 *
 * @package Parley
 */

defined( 'ABSPATH' ) || exit;

define( 'PARLEY_VERSION', '0.1.0' );
define( 'PARLEY_FILE', __FILE__ );

require_once __DIR__ . '/includes/settings.php';
require_once __DIR__ . '/includes/widget.php';
require_once __DIR__ . '/includes/identity.php';
require_once __DIR__ . '/includes/orders.php';
if ( is_admin() ) {
	require_once __DIR__ . '/includes/admin.php';
}

/**
 * Load the translations that came in the plugin's own folder.
 */
function parley_load_texts() {
	load_plugin_textdomain( 'parley', false, dirname( plugin_basename( PARLEY_FILE ) ) . '/languages' );
}
add_action( 'init', 'parley_load_texts' );

/**
 * Orders are only ever read through WooCommerce's own functions, so any storage of orders will do.
 */
function parley_declare_compatibility() {
	if ( class_exists( '\Automattic\WooCommerce\Utilities\FeaturesUtil' ) ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', PARLEY_FILE, true );
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', PARLEY_FILE, true );
	}
}
add_action( 'before_woocommerce_init', 'parley_declare_compatibility' );
