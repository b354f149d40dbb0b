<?php
/**
 * Deleting the plugin leaves nothing behind.
 *
 * @package Parley
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Remove what one site has stored and queued.
 */
function parley_uninstall_site() {
	foreach ( array( 'parley_settings', 'parley_secrets', 'parley_report' ) as $option ) {
		delete_option( $option );
	}
	foreach ( array( 'parley_send_order', 'parley_remove_order' ) as $hook ) {
		wp_unschedule_hook( $hook );
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			as_unschedule_all_actions( $hook );
		}
	}
}

if ( is_multisite() ) {
	$parley_sites = get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	);
	foreach ( $parley_sites as $parley_site ) {
		switch_to_blog( $parley_site );
		parley_uninstall_site();
		restore_current_blog();
	}
} else {
	parley_uninstall_site();
}
